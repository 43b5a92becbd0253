"""Plug-ins go where each editor looks for them, however it was installed, and leave no trace."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bottega_backend.cli import running
from bottega_backend.cli.plugin_places import System, homes, homes_to_use

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux' own homes")

ROAMING, LOCAL = "AppData/Roaming", "AppData/Local"
KRITA_STORE = f"{LOCAL}/Packages/49800Krita_x/LocalCache"
GIMP_STORE = f"{LOCAL}/Packages/GIMP.432_x/LocalCache"
SUPPORT = "Library/Application Support"


@pytest.mark.parametrize(
    ("platform", "there", "plugins", "settings"),
    [
        ("linux", [], ".local/share/krita/pykrita", ".config/kritarc"),
        ("linux", [".local/share/krita"], ".local/share/krita/pykrita", ".config/kritarc"),
        (
            "linux",
            [".var/app/org.kde.krita"],
            ".var/app/org.kde.krita/data/krita/pykrita",
            ".var/app/org.kde.krita/config/kritarc",
        ),
        (
            "linux",
            ["snap/krita/current"],
            "snap/krita/current/.local/share/krita/pykrita",
            "snap/krita/current/.config/kritarc",
        ),
        ("win32", [], f"{ROAMING}/krita/pykrita", f"{LOCAL}/kritarc"),
        (
            "win32",
            [KRITA_STORE],
            f"{KRITA_STORE}/Roaming/krita/pykrita",
            f"{KRITA_STORE}/Local/kritarc",
        ),
        ("darwin", [], f"{SUPPORT}/krita/pykrita", "Library/Preferences/kritarc"),
    ],
)
def test_krita_s_place_on_each_system(tmp_path: Path, platform, there, plugins, settings) -> None:
    _make(tmp_path, there)
    (home,) = homes_to_use("krita", System({}, tmp_path, platform))
    assert home.plugins == tmp_path / plugins
    assert home.settings == tmp_path / settings


@pytest.mark.parametrize(
    ("platform", "there", "plugins"),
    [
        ("linux", [], [".config/GIMP/3.0"]),
        ("linux", [".config/GIMP/2.10"], [".config/GIMP/3.0"]),
        ("linux", [".config/GIMP/3.2"], [".config/GIMP/3.2"]),
        (
            "linux",
            [".config/GIMP/3.0", ".config/GIMP/3.2", "snap/gimp/current/.config/GIMP/3.0"],
            [".config/GIMP/3.2", ".config/GIMP/3.0", "snap/gimp/current/.config/GIMP/3.0"],
        ),
        (
            "linux",
            [".var/app/org.gimp.GIMP/config/GIMP/3.0"],
            [".var/app/org.gimp.GIMP/config/GIMP/3.0"],
        ),
        ("win32", [], [f"{ROAMING}/GIMP/3.0"]),
        ("win32", [f"{GIMP_STORE}/Roaming/GIMP/3.0"], [f"{GIMP_STORE}/Roaming/GIMP/3.0"]),
        ("darwin", [], [f"{SUPPORT}/GIMP/3.0"]),
    ],
)
def test_gimp_s_places_on_each_system(tmp_path: Path, platform, there, plugins) -> None:
    _make(tmp_path, there)
    found = homes_to_use("gimp", System({}, tmp_path, platform))
    assert [home.plugins for home in found] == [tmp_path / name / "plug-ins" for name in plugins]


def test_the_environment_moves_the_places(tmp_path: Path) -> None:
    env = {"XDG_DATA_HOME": "/d", "XDG_CONFIG_HOME": "/c", "GIMP3_DIRECTORY": "/g"}
    system = System(env, tmp_path, "linux")
    assert homes("krita", system)[0].plugins == Path("/d/krita/pykrita")
    assert homes("krita", system)[0].settings == Path("/c/kritarc")
    assert homes_to_use("gimp", system)[0].plugins == Path("/g/plug-ins")
    assert Path("/c/GIMP/3.0/plug-ins") in [home.plugins for home in homes("gimp", system)]
    windows = System({"APPDATA": "/r", "LOCALAPPDATA": "/l"}, tmp_path, "win32")
    assert homes("krita", windows)[0].plugins == Path("/r/krita/pykrita")
    assert homes("krita", windows)[0].settings == Path("/l/kritarc")


@pytest.fixture
def lived_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder where Krita and GIMP are used from packages, Flatpak and Snap."""
    files = {
        ".config/kritarc": "[theme]\nTheme=Krita dark\n",
        ".local/share/krita/brushes/mine.kpp": "",
        ".var/app/org.kde.krita/config/kritarc": "[python]\nenable_other=true\n",
        ".var/app/org.kde.krita/data/krita/krita.log": "",
        "snap/krita/1/.config/kritarc": "[a]\n",
        "snap/krita/1/.local/share/krita/krita.log": "",
        ".config/GIMP/3.0/gimprc": "",
        ".var/app/org.gimp.GIMP/config/GIMP/3.2/gimprc": "",
        "snap/gimp/current/.config/GIMP/3.0/gimprc": "",
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True)
        file.write_text(text)
    (tmp_path / "snap/krita/current").symlink_to("1")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "GIMP3_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@linux_only
def test_each_installation_gets_krita_s_plug_in_and_loses_it_without_a_trace(bottega, lived_in):
    before = _tree(lived_in)
    for _ in range(2):
        ran = bottega("plugin", "install", "krita")
        assert ran.returncode == 0, ran.stderr
    for share in (".local/share", ".var/app/org.kde.krita/data", "snap/krita/1/.local/share"):
        assert (lived_in / share / "krita/pykrita/bottega_krita.desktop").exists()
        assert (lived_in / share / "krita/pykrita/bottega_krita/_vendor/msgpack").is_dir()
        assert (lived_in / share / "krita/actions/bottega_krita.action").exists()
        (lived_in / share / "krita/bottega").mkdir()
    for config in (".config", ".var/app/org.kde.krita/config", "snap/krita/1/.config"):
        settings = lived_in / config / "kritarc"
        assert "[python]\nenable_bottega_krita=true\n" in settings.read_text()
    assert ran.stdout.count("installed ") == ran.stdout.count("switched on in ") == 3
    for kind in ("AppImage", "Flatpak", "Snap"):
        assert kind in ran.stdout
    ran = bottega("plugin", "uninstall", "krita")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("removed from ") == ran.stdout.count("cleared ") == 3
    assert _tree(lived_in) == before
    assert "not installed" in bottega("plugin", "uninstall", "krita").stdout


@linux_only
def test_each_gimp_gets_a_script_that_it_may_run_and_loses_all_of_it(bottega, lived_in):
    before = _tree(lived_in)
    ran = bottega("plugin", "install", "gimp")
    assert ran.returncode == 0, ran.stderr
    gimps = [
        lived_in / ".config/GIMP/3.0",
        lived_in / ".var/app/org.gimp.GIMP/config/GIMP/3.2",
        lived_in / "snap/gimp/current/.config/GIMP/3.0",
    ]
    for gimp in gimps:
        script = gimp / "plug-ins/bottega-gimp/bottega-gimp.py"
        assert script.stat().st_mode & stat.S_IXUSR
        (gimp / "bottega-server.json").write_text("{}")
        (gimp / "bottega-fill.json").write_text("{}")
        (gimp / "bottega/stops").mkdir(parents=True)
        (gimp / "bottega/stops/00").touch()
    assert bottega("plugin", "uninstall", "gimp").returncode == 0
    assert _tree(lived_in) == before


@linux_only
def test_the_settings_of_a_running_krita_are_left_to_it(bottega, lived_in):
    program = lived_in / "bin/krita"
    program.parent.mkdir()
    shutil.copy(shutil.which("sleep") or "", program)
    settings = lived_in / ".config/kritarc"
    before = settings.read_text()
    with subprocess.Popen([program, "600"]) as krita:
        try:
            ran = bottega("plugin", "install", "krita")
            assert settings.read_text() == before
        finally:
            krita.kill()
    assert "Krita is running" in ran.stdout
    assert "Python Plugin Manager" in ran.stdout
    assert (lived_in / ".local/share/krita/pykrita/bottega_krita.desktop").exists()
    assert "switched on" in bottega("plugin", "install", "krita").stdout


@linux_only
def test_a_krita_with_another_home_has_other_settings(lived_in, monkeypatch):
    program = lived_in / "krita"
    shutil.copy(shutil.which("sleep") or "", program)
    with subprocess.Popen([program, "600"], env={"HOME": "/nowhere"}) as other:
        try:
            assert not running.runs("krita")
            monkeypatch.setenv("HOME", "/nowhere")
            assert running.runs("krita")
        finally:
            other.kill()


def test_programs_are_found_in_what_windows_and_macos_tell():
    tasks = '"System","4","Services","0","144 K"\r\n"Krita.exe","77","Console","1","9 K"\r\n'
    assert running.of_windows(tasks) == ["System", "Krita.exe"]
    told = "/sbin/launchd\n/Applications/krita.app/Contents/MacOS/krita\n"
    assert running.of_macos(told) == ["launchd", "krita"]


def _make(home: Path, folders: list[str]) -> None:
    for name in folders:
        (home / name).mkdir(parents=True)


def _tree(home: Path) -> dict[str, str | None]:
    """Every file with its text, every folder, every link."""
    return {
        os.path.relpath(Path(folder) / name, home): _content(Path(folder) / name)
        for folder, folders, files in os.walk(home)
        for name in (*folders, *files)
    }


def _content(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None
