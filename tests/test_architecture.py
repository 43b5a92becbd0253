"""The rules of docs/house.md, by the standard library alone: who may import whom, and sizes."""

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = ("protocol", "backend", "krita_plugin", "gimp_plugin/bottega-gimp")
MOST_LINES = 400
MOST_FUNCTION_LINES = 60

B = "bottega_backend."
BASE = ("settings", "errors", "events")
SERVER_SIDE = {
    "cli": (
        "bench",
        "server",
        "store",
        "scheduler",
        "workers",
        "offers",
        "shelf",
        "imaging",
        "apprentice",
        "models.download",
    ),
    "server": ("store", "scheduler", "workers", "offers", "shelf"),
    "store": ("offers", "shelf"),
    "scheduler": ("offers", "shelf"),
    "workers": ("offers", "shelf"),
}
WORKER_SIDE = {
    "workers.main": (
        "capabilities",
        "engine",
        "models",
        "apprentice",
        "imaging",
        "offers",
        "shelf",
    ),
    "capabilities": ("engine", "models", "apprentice", "imaging", "offers", "shelf"),
    "engine": ("scheduler", "models", "apprentice", "imaging", "offers", "shelf"),
    "models": ("apprentice", "imaging", "offers", "shelf"),
    "models.download": ("shelf",),
    "apprentice": ("imaging", "offers", "shelf"),
    "imaging": ("offers", "shelf"),
    "offers": ("shelf",),
    "shelf": (),
    "settings": (),
    "errors": (),
    "events": (),
}
MAY_IMPORT = SERVER_SIDE | WORKER_SIDE
"""Room: the rooms below it. Every room may also import itself and the base."""

DOORS = ("workers.main", "workers.studio", "workers.attempt")
"""What runs inside a worker process, and nowhere else in the product."""

PROGRAMS = ("bench", "apprentice.train", "__main__", *DOORS)
"""Programs of their own: they may join both sides."""

TORCH = (
    "engine",
    "models",
    "apprentice",
    "capabilities",
    "bench",
    "workers.main",
    "workers.studio",
)
ARRAYS = (*TORCH, "imaging", "cli")
THIRD_PARTY = {
    "msgpack": ("bottega_protocol.codec",),
    "websockets": (B + "server", "bottega_client.transport"),
    **{
        name: tuple(B + room for room in TORCH)
        for name in (
            "torch",
            "torchvision",
            "diffusers",
            "transformers",
            "peft",
            "safetensors",
            "greenlet",
            "accelerate",
        )
    },
    **{name: tuple(B + room for room in ARRAYS) for name in ("numpy", "cv2")},
    "huggingface_hub": (B + "models.download",),
    **dict.fromkeys(("typer", "rich", "png", "skimage"), (B + "cli", B + "bench")),
    "filelock": (B + "store",),
    "prometheus_client": (B + "server",),
    "cryptography": (B + "server",),
    "ray": (B + "workers.ray",),
    "krita": ("bottega_krita",),
    "pykrita": ("bottega_krita.qt",),
    "PyQt5": ("bottega_krita.qt",),
    "PyQt6": ("bottega_krita.qt",),
    "gi": ("bottega_gimp", "bottega-gimp"),
    "bottega_protocol": (B, "bottega_client", "bottega_krita", "bottega_gimp", "bottega-gimp"),
    "bottega_client": (B + "cli", B + "bench", "bottega_krita", "bottega_gimp", "bottega-gimp"),
    "bottega_backend": (B,),
}


@cache
def modules():
    """Every module of ours: dotted name and path."""
    found = {}
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            if "_vendor" not in path.parts:
                parts = path.relative_to(ROOT / source).with_suffix("").parts
                found[".".join(parts).removesuffix(".__init__")] = path
    return found


def tree(name):
    """The syntax tree of a module."""
    return ast.parse(modules()[name].read_text(encoding="utf-8"))


def imported(name):
    """The modules that a module imports, wherever the import stands."""
    package = name if modules()[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = (
                package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            )
            target = ".".join([*base, node.module] if node.module else base)
            inner = [f"{target}.{alias.name}" for alias in node.names]
            ours = [module for module in inner if module in modules()]
            yield from ours or [target]
            if ours and len(ours) < len(inner):
                yield target


def within(module, place):
    """Whether a module is a place or lies in it."""
    return module == place or module.startswith(place.rstrip(".") + ".")


def room_of(module):
    """The room of a backend module: the longest name in the table that holds it."""
    inner = module.removeprefix(B)
    rooms = [room for room in (*MAY_IMPORT, "bench") if within(inner, room)]
    return max(rooms, key=len) if rooms else inner


@pytest.mark.parametrize("name", modules())
def test_imports_go_down_only(name):
    """A room knows the rooms below it and nothing of those above."""
    if not name.startswith(B) or name.removeprefix(B).startswith(PROGRAMS):
        return
    here = room_of(name)
    allowed = (here, here.partition(".")[0], *MAY_IMPORT[here], *BASE)
    for module in imported(name):
        if module.startswith(B):
            inner = module.removeprefix(B)
            assert any(within(inner, room) for room in allowed), f"{here} reaches {inner}"
            assert inner not in DOORS, "only the process itself opens that door"


@pytest.mark.parametrize("name", modules())
def test_third_party_stays_in_its_rooms(name):
    """A library may be imported only where the table has it."""
    for module in imported(name):
        package = module.partition(".")[0]
        if package in sys.stdlib_module_names or package in (
            "bottega_krita",
            "bottega_gimp",
            name.partition(".")[0],
        ):
            continue
        assert package in THIRD_PARTY, f"{package} is in no row of the table"
        assert any(within(name, place) for place in THIRD_PARTY[package]), f"{package} in {name}"


def test_only_the_command_line_downloads():
    """No request of a client can cause a download: what serves it does not know how."""
    users = {
        name.removeprefix(B).partition(".")[0]
        for name in modules()
        if B + "models.download" in imported(name)
    }
    assert users == {"cli"}


def test_no_module_imports_itself_by_way_of_others():
    """There is no circle, also none that only a type checker sees."""
    graph = {name: {m for m in imported(name) if m in modules()} - {name} for name in modules()}
    done = set()

    def visit(name, above):
        assert name not in above, " → ".join([*above, name])
        if name not in done:
            for module in sorted(graph[name]):
                visit(module, (*above, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("name", modules())
def test_a_module_is_short_and_says_what_it_is(name):
    """One sentence says why a file exists; empty __init__ files need none."""
    source = modules()[name].read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MOST_LINES
    assert not source.strip() or ast.get_docstring(tree(name))


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=lambda path: path.name)
def test_a_test_module_is_short_too(path):
    """Tests are read as often as what they test."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("name", modules())
def test_functions_are_short(name):
    """What does not fit a screen is two functions."""
    for node in ast.walk(tree(name)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            assert lines <= MOST_FUNCTION_LINES, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("name", modules())
def test_what_editors_load_is_python_3_10(name):
    """Krita's official builds carry Python 3.10."""
    if not name.startswith(B):
        ast.parse(modules()[name].read_text(encoding="utf-8"), feature_version=(3, 10))


def test_the_rooms_of_the_table_exist():
    """A table that guards nothing would pass every test above."""
    rooms = {room_of(name) for name in modules() if name.startswith(B)}
    assert {
        "cli",
        "server",
        "store",
        "scheduler",
        "workers",
        "engine",
        "imaging",
        "offers",
    } <= rooms
    assert any(name.startswith("bottega_krita") for name in modules())
    assert any(name.startswith("bottega_gimp") for name in modules())
