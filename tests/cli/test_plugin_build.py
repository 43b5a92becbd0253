"""What a built plug-in carries, and that it finds it without disturbing anybody else."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bottega_backend.cli.plugin_build import PLUGINS, build, pack, remove
from bottega_backend.cli.vendoring import VENDORED, rewrite

EDITORS = tuple(PLUGINS)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import msgpack", "from .._vendor import msgpack"),
        ("import msgpack as m", "from .._vendor import msgpack as m"),
        ("import os, msgpack", "import os; from .._vendor import msgpack"),
        ("from msgpack import packb", "from .._vendor.msgpack import packb"),
        (
            "from websockets.sync.client import (\n    connect,  # é\n)\nx = 1",
            "from .._vendor.websockets.sync.client import (\n    connect,  # é\n)\nx = 1",
        ),
        (
            "if True:\n    from bottega_client import actions; y = 'é'",
            "if True:\n    from .._vendor.bottega_client import actions; y = 'é'",
        ),
        ("import a.b as c, x", "import a.b as c, x"),
        (
            "import websockets.sync.client as w",
            "from .._vendor.websockets.sync import client as w",
        ),
        (
            "import websockets.frames",
            "from .._vendor.websockets import frames as _frames; from .._vendor import websockets",
        ),
        ("from .websockets import x", "from .websockets import x"),
        ("from msgpackish import x", "from msgpackish import x"),
        ('"""from msgpack import x"""', '"""from msgpack import x"""'),
    ],
)
def test_only_imports_of_what_is_carried_are_rewritten(before: str, after: str) -> None:
    assert rewrite(before, ".._vendor.") == after


@pytest.fixture(scope="module", params=EDITORS)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a freshly built plug-in's package."""
    target = tmp_path_factory.mktemp(request.param)
    build(request.param, target)
    return target / PLUGINS[request.param].package


def test_no_module_imports_what_is_carried_from_elsewhere(built: Path) -> None:
    for module in built.parent.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            assert not {name.partition(".")[0] for name in names} & set(VENDORED), module


def test_only_python_and_notices_are_carried(built: Path) -> None:
    carried = [file for file in (built / "_vendor").rglob("*") if file.is_file()]
    assert {file.suffix for file in carried} <= {".py", ".typed", "", ".md"}
    for name in ("msgpack/COPYING", "websockets/LICENSE"):
        assert (built / "_vendor" / name).read_text()
    assert "Apache License" in (built / "LICENSE").read_text()
    assert (built / "NOTICE").exists()


TALK = """
import importlib, sys
sys.path.insert(0, {parent!r})
sys.modules[{package!r}] = type(sys)({package!r})  # its own code needs the editor around it
sys.modules[{package!r}].__path__ = [{folder!r}]
vendor = {package!r} + "._vendor."
actions = importlib.import_module(vendor + "bottega_client.actions")
msgpack = importlib.import_module(vendor + "msgpack")
client = importlib.import_module(vendor + "websockets.sync.client")
websockets = importlib.import_module(vendor + "websockets")
assert websockets.Headers is websockets.datastructures.Headers  # looked up by name, late
assert msgpack.unpackb(msgpack.packb({{"a": b"b"}})) == {{"a": b"b"}}
assert actions.Wish().prompt == ""
loose = {{name.partition(".")[0] for name in sys.modules}} & set({vendored!r})
assert not loose, loose
assert {parent!r} == sys.path[0] and len(sys.path) == before + 1
"""


def test_a_bare_python_can_talk_with_what_is_carried(built: Path) -> None:
    code = TALK.format(
        parent=str(built.parent), folder=str(built), package=built.name, vendored=VENDORED
    )
    bare = [sys.executable, "-I", "-S", "-W", "error", "-c"]
    ran = subprocess.run(
        [*bare, "import sys; before = len(sys.path)\n" + code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def test_building_again_replaces_and_removing_leaves_the_rest(tmp_path: Path) -> None:
    for editor in EDITORS:
        (tmp_path / "somebody else's").mkdir(exist_ok=True)
        folder = build(editor, tmp_path)
        (folder / "old.py").write_text("")
        assert not (build(editor, tmp_path) / "old.py").exists()
        assert remove(editor, tmp_path)
        assert not remove(editor, tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["somebody else's"]


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such bit")
def test_gimp_may_run_its_script_also_out_of_the_zip(tmp_path: Path) -> None:
    folder = build("gimp", tmp_path / "gimp")
    assert os.access(folder / "bottega-gimp.py", os.X_OK)
    with zipfile.ZipFile(pack(tmp_path / "gimp", tmp_path / "gimp.zip")) as archive:
        mode = archive.getinfo("bottega-gimp/bottega-gimp.py").external_attr >> 16
    assert mode & 0o111
