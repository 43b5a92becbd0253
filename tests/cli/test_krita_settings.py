"""Krita's settings belong to the artist: a few lines of them are ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from bottega_backend.cli.krita_settings import (
    clear,
    no_shortcuts,
    switch_on,
    switched_on,
    without_ours,
)

ON = "enable_bottega_krita=true"


@pytest.mark.parametrize(
    "settings",
    [
        "",
        "[theme]\nTheme=Krita dark\n",
        "[theme]\r\nTheme=Krita dark\r\n",
        "[python]\nenable_other=true\n\n[theme]\nTheme=Krita dark\n",
        "odd=1\n\n[theme]\nName=b\udce9ton\n",
        "[a][python]\nenable_bottega_krita=false\n[a]\nenable_bottega_krita=mine\n",
        "# enable_bottega_krita=false\n[theme]\nkey[$e]=$HOME/[x]\n\n\n",
    ],
)
def test_what_is_switched_on_and_off_again_is_as_it_was(settings):
    on = switched_on(settings)
    assert ON in on.splitlines()
    assert without_ours(on) == settings
    assert switched_on(on) == on


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[python]\nenable_bottega_krita=false\n", f"[python]\n{ON}\n"),
        ("[python]\n enable_bottega_krita = false\nx=1\n", f"[python]\n{ON}\nx=1\n"),
        ("[python]\nx=1\n[z]\n[python]\ny=1\n", f"[python]\nx=1\n[z]\n[python]\n{ON}\ny=1\n"),
        ("[python]\r\nx=1\r\n", f"[python]\r\n{ON}\r\nx=1\r\n"),
        ("[python]", f"[python]\n{ON}\n"),
    ],
)
def test_a_switch_that_was_off_is_turned_not_doubled(before, after):
    assert switched_on(before) == after


@pytest.mark.parametrize(
    "settings",
    ["[$i]\n[python]\n", "[python][$i]\nx=1\n", "[python]\nenable_bottega_krita[$i]=false\n"],
)
def test_what_an_administrator_has_locked_is_left_alone(settings, tmp_path: Path):
    assert switched_on(settings) is None
    file = tmp_path / "kritarc"
    file.write_text(settings)
    assert not switch_on(file)
    assert file.read_text() == settings


def test_nothing_that_the_plug_in_has_kept_stays_behind(tmp_path: Path):
    kept = "[bottega]\nserver-token=secret\nserver-url=ws://there\n\n"
    settings = f"[a]\nb=1\n\n{kept}[python]\n{ON}\nenable_other=true\n"
    (tmp_path / "kritarc").write_text(settings)
    shortcuts = "[Shortcuts]\nbottega_paint=Ctrl+Alt+Y\nfile_new=Ctrl+N\n"
    (tmp_path / "kritashortcutsrc").write_text(shortcuts)
    changed = clear(tmp_path / "kritarc")
    assert [file.name for file in changed] == ["kritarc", "kritashortcutsrc"]
    assert (tmp_path / "kritarc").read_text() == "[a]\nb=1\n\n[python]\nenable_other=true\n"
    assert (tmp_path / "kritashortcutsrc").read_text() == "[Shortcuts]\nfile_new=Ctrl+N\n"
    assert clear(tmp_path / "kritarc") == []
    others = shortcuts.replace("bottega_", "other_")
    assert no_shortcuts(others) == others


def test_a_file_keeps_its_rights_and_a_link_stays_a_link(tmp_path: Path):
    real = tmp_path / "real"
    real.write_text("[a]\nb=1\n")
    real.chmod(0o600)
    (tmp_path / "kritarc").symlink_to(real)
    assert switch_on(tmp_path / "kritarc")
    assert (tmp_path / "kritarc").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert clear(tmp_path / "kritarc")
    assert real.read_text() == "[a]\nb=1\n"
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["kritarc", "real"]
