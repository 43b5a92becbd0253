"""Models are fetched whole, checked, and taken up again after a cut: against a hub on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.families import files_folder
from fakes.hub import COMMIT, REPO, Hub, folder_files, serving

from bottega_backend.models.download import CantGet, Found, Wanted, download, look_up
from bottega_backend.shelf.catalog import BUILT_INS, Catalog

WEIGHTS = "unet/diffusion_pytorch_model.safetensors"
SOURCE = BUILT_INS[1].folder


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A repository with a whole model in it, and much that nobody needs."""
    files = folder_files(SOURCE) | {
        "unet/diffusion_pytorch_model.bin": b"a pickle",
        "safety_checker/model.safetensors": b"not used",
        "README.md": b"# Painter",
        "big.ckpt": b"another",
    }
    with serving(Hub(files)) as running:
        yield running


def fetch(hub: Hub, folder: Path, single: str = "") -> tuple[Path, int]:
    """Where it came to lie, and the bytes that were told of."""
    told: list[int] = []
    path = download(look_up(Wanted(REPO, single, hub=hub.url)), folder, told.append)
    return path, sum(told)


def test_what_there_is_is_told_before_anything_is_fetched(hub: Hub) -> None:
    """Commit, licence and size, of the files that are needed."""
    found = look_up(Wanted(REPO, hub=hub.url))
    assert (found.commit, found.licence, found.gated) == (COMMIT, "openrail++", False)
    names = {file.name for file in found.files}
    assert names == {*folder_files(SOURCE), "README.md"}
    assert found.size == sum(len(hub.files[name]) for name in names)
    assert not any("/resolve/" in path for path, _ in hub.asked)


def test_what_a_hub_says_of_the_licence_can_not_command_the_terminal(hub: Hub) -> None:
    """Neither clear the screen nor turn the words around."""
    hub.licence = "mit\x1b[2J\x9b31m\u202e by nobody"
    assert look_up(Wanted(REPO, hub=hub.url)).licence == "mit[2J31m by nobody"


def test_a_model_arrives_bit_by_bit_without_what_nobody_needs(hub: Hub, tmp_path: Path) -> None:
    """Every needed file once; no pickle is even asked for."""
    path, told = fetch(hub, tmp_path)
    assert path == tmp_path / "painter"
    arrived = folder_files(path)
    assert arrived == {**folder_files(SOURCE), "README.md": b"# Painter"}
    assert told == sum(map(len, arrived.values()))
    assert [entry.name for entry in tmp_path.iterdir()] == ["painter"]
    asked = [name for name, _ in hub.asked if "/resolve/" in name]
    assert len(asked) == len(set(asked)) == len(arrived)


def test_after_a_cut_only_the_rest_is_asked_for(tmp_path: Path) -> None:
    """The part that arrived stays, also for another command, where no catalog looks."""
    name, content = "large.safetensors", bytes(range(256)) * (24 * 2**20 // 256)
    with serving(Hub({name: content}, cut={name: 15 * 2**20})) as hub:
        with pytest.raises(CantGet) as caught:
            fetch(hub, tmp_path, name)
        assert caught.value.remedy
        (waiting,) = tmp_path.iterdir()
        assert waiting.name.startswith(".")
        there = (waiting / (name + ".part")).stat().st_size
        assert 0 < there <= 15 * 2**20
        hub.asked.clear()
        hub.cut.clear()
        hub.broken = False
        path, told = fetch(hub, tmp_path, name)
    assert path.read_bytes() == content
    assert told == len(content)
    assert [asked for file, asked in hub.asked if file.endswith(name)] == [f"bytes={there}-"]
    assert hub.sent == len(content) + 15 * 2**20 - there


@pytest.mark.parametrize("name", [WEIGHTS, "model_index.json"])
def test_a_wrong_checksum_is_refused_and_leaves_nothing_to_go_on_with(
    hub: Hub, tmp_path: Path, name: str
) -> None:
    """Large files by their SHA-256, small ones by git's hash; mended, it is fetched anew."""
    hub.altered.add(name)
    with pytest.raises(CantGet, match="checksum"):
        fetch(hub, tmp_path)
    assert not (tmp_path / "painter").exists()
    assert not list(tmp_path.rglob(Path(name).name + "*"))
    hub.altered.clear()
    path, _ = fetch(hub, tmp_path)
    assert (path / name).read_bytes() == hub.files[name]


def test_fewer_bytes_than_promised_are_said(hub: Hub, tmp_path: Path) -> None:
    """A hub that lies of a size."""
    found = look_up(Wanted(REPO, hub=hub.url))
    longer = tuple(replace(file, size=file.size + 5) for file in found.files)
    with pytest.raises(CantGet, match="did not arrive"):
        download(replace(found, files=longer), tmp_path, lambda _: None)
    assert not (tmp_path / "painter").exists()


def test_a_gated_model_says_where_its_terms_are(hub: Hub, tmp_path: Path) -> None:
    """And what to do with the token."""
    hub.gated = True
    found = look_up(Wanted(REPO, hub=hub.url))
    assert found.gated
    with pytest.raises(CantGet, match="accepted its terms") as caught:
        download(found, tmp_path, lambda _: None)
    assert found.page in caught.value.remedy
    assert "HF_TOKEN" in caught.value.remedy


def test_a_model_that_is_there_is_not_fetched_over(hub: Hub, tmp_path: Path) -> None:
    """It might be in use."""
    fetch(hub, tmp_path)
    with pytest.raises(CantGet, match="is there already"):
        fetch(hub, tmp_path)


def test_a_single_file_comes_with_the_vocabulary_that_it_lacks(tmp_path: Path) -> None:
    """Into a folder of its own, where single files look for it."""
    files = folder_files(SOURCE)
    vocabulary = {name: files[name] for name in ("tokenizer/vocab.json", "tokenizer/merges.txt")}
    with serving(Hub({"v1/painter.safetensors": b"x" * 5000, **vocabulary})) as hub:
        path, _ = fetch(hub, tmp_path, "v1/painter.safetensors")
    assert path == tmp_path / "painter/painter.safetensors"
    assert set(folder_files(tmp_path / "painter")) == {"painter.safetensors", *vocabulary}


def test_a_single_file_that_was_fetched_is_a_model(tmp_path: Path) -> None:
    """With the vocabulary of its repository the catalog takes it as it lies there."""
    files = folder_files(files_folder())
    words = {
        f"tokenizer/{name}": files[f"tokenizer/{name}"] for name in ("vocab.json", "merges.txt")
    }
    with serving(Hub({"sdxl.safetensors": files["sdxl.safetensors"], **words})) as hub:
        fetch(hub, tmp_path, "sdxl.safetensors")
    model = Catalog(tmp_path).find("sdxl/sdxl.safetensors")
    assert model.family.startswith("Stable Diffusion XL")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted("studio/nobody"), "is not there, or not public"),
        (Wanted(REPO, revision="v9"), "no revision v9"),
        (Wanted("a/b/c"), "no name of a repository"),
        (Wanted(REPO, "big.ckpt"), "pickles are never fetched"),
        (Wanted(REPO, "other.safetensors"), "is not there"),
    ],
)
def test_what_can_not_be_had_is_said(hub: Hub, wanted: Wanted, said: str) -> None:
    """With what to do."""
    asked = Wanted(wanted.repo, wanted.single, wanted.revision, hub.url)
    with pytest.raises(CantGet, match=said) as caught:
        look_up(asked)
    assert caught.value.remedy


@pytest.mark.parametrize("commit", ["/../../../evil", "", "main"])
def test_what_is_no_commit_names_no_folder(hub: Hub, commit: str) -> None:
    """It becomes part of the name of the folder in which files wait for one another."""
    hub.commit = commit
    with pytest.raises(CantGet, match="names no commit"):
        look_up(Wanted(REPO, hub=hub.url))


def test_a_hub_that_does_not_answer_is_said() -> None:
    """No traceback of the line's."""
    with pytest.raises(CantGet, match="can't be reached"):
        look_up(Wanted(REPO, hub="http://127.0.0.1:1"))


def test_a_name_that_leads_out_of_the_folder_is_passed_over(tmp_path: Path) -> None:
    """Whatever a hub calls its files."""
    files = folder_files(SOURCE)
    evil = ["../evil.json", "unet/../../evil.json", "/unet/evil.json", "unet\\..\\evil.json"]
    with serving(Hub({**files, **dict.fromkeys(evil, b"{}")})) as hub:
        found: Found = look_up(Wanted(REPO, hub=hub.url))
        download(found, tmp_path / "models", lambda _: None)
    assert {file.name for file in found.files} == set(files)
    assert not list(tmp_path.rglob("evil*"))
