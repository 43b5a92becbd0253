"""Wildcard files: lines by name, and never a file outside of their folder."""

import pytest

from bottega_backend.shelf.wildcards import MOST_BYTES, Wildcards
from bottega_protocol.errors import Refusal


@pytest.fixture
def folder(tmp_path):
    inside = tmp_path / "wildcards"
    (inside / "art" / "deep").mkdir(parents=True)
    (inside / "colour.txt").write_text("red\n\n  blue  \n# green\ngrün\r\n", encoding="utf-8")
    (inside / "art" / "deep" / "style-1_b.txt").write_bytes(b"\xef\xbb\xbfoil\nink")
    (inside / "empty.txt").write_text("# nothing\n\n")
    (inside / "no name.txt").write_text("x")
    (tmp_path / "secret.txt").write_text("secret")
    return inside


def refused(wildcards, name):
    with pytest.raises(Refusal) as refusal:
        wildcards.lines(name)
    assert refusal.value.code == "unknown-wildcard"
    return refusal.value


def test_a_file_gives_its_lines_without_comments(folder):
    assert Wildcards(folder).lines("colour") == ("red", "blue", "grün")


def test_folders_in_the_folder_are_named_with_slashes(folder):
    assert Wildcards(folder).lines("art/deep/style-1_b") == ("oil", "ink")


def test_a_file_that_is_changed_is_read_anew(folder):
    wildcards = Wildcards(folder)
    assert "pink" not in wildcards.lines("colour")
    (folder / "colour.txt").write_text("pink")
    assert wildcards.lines("colour") == ("pink",)


def test_an_unknown_one_is_refused_with_what_there_is(folder):
    refusal = refused(Wildcards(folder), "animal")
    assert "__animal__" in refusal.message
    assert "__art/deep/style-1_b__, __colour__, __empty__" in refusal.remedy
    assert "no name" not in refusal.remedy


def test_an_empty_one_is_refused(folder):
    assert "no lines" in refused(Wildcards(folder), "empty").message


@pytest.mark.parametrize("where", [None, "nowhere"])
def test_without_a_folder_there_are_none(tmp_path, where):
    assert "none" in refused(Wildcards(where and tmp_path / where), "colour").remedy


@pytest.mark.parametrize(
    "name",
    ["../secret", "art/../../secret", "/etc/hostname", "", "/", "art/", "art//deep", "colour.txt",
     "link", "linked/secret", "C:/x", "..", ".", "a" * 300, "a/" * 3000 + "a", "circle"],
)  # fmt: skip
def test_nothing_outside_is_read(folder, name):
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "circle.txt").symlink_to(folder / "circle.txt")
    (folder / "linked").symlink_to(folder.parent, target_is_directory=True)
    assert "secret" not in refused(Wildcards(folder), name).remedy


def test_a_huge_file_and_foreign_bytes_are_no_trouble(folder):
    (folder / "huge.txt").write_bytes(b"x\n" * MOST_BYTES)
    (folder / "bytes.txt").write_bytes(b"\xff\xfe\0a\nb")
    assert len(Wildcards(folder).lines("huge")) == MOST_BYTES // 2
    assert "\0" not in "".join(Wildcards(folder).lines("bytes"))
