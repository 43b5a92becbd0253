"""Puts a plug-in together: its own package, and what it carries, from the installed packages."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

from .exits import Mistake
from .vendoring import FOLDER, VENDORED, prefix_of, rewrite

HERE = Path(__file__).parent
NOTICES = ("LICEN", "COPYING", "NOTICE")
"""How the names of files begin that have to travel with the code."""

DISTRIBUTIONS = {"msgpack": "msgpack", "websockets": "websockets"}
"""Carried packages that others wrote, and the distribution that holds their licence."""


@dataclass(frozen=True)
class Plugin:
    """One editor's plug-in: where its source lies, and what is copied from there.

    `members` are copied into the editor's folder and removed from it; `package` is the Python
    package that carries the rest; `scripts` are run by the editor and belong to no package.
    `actions` is the file with the default shortcuts, which Krita looks for in a folder of its own.
    """

    source: str
    members: tuple[str, ...]
    package: Path
    scripts: tuple[Path, ...] = ()
    actions: str = ""

    def actions_place(self, target: Path) -> Path:
        """Where the actions belong: beside Krita's folder of plug-ins, or into a zip."""
        folder = target.parent if target.name == "pykrita" else target
        return folder / "actions" / self.actions


PLUGINS = {
    "krita": Plugin(
        "krita_plugin",
        ("bottega_krita", "bottega_krita.desktop"),
        Path("bottega_krita"),
        actions="bottega_krita.action",
    ),
    "gimp": Plugin(
        "gimp_plugin",
        ("bottega-gimp",),
        Path("bottega-gimp/bottega_gimp"),
        (Path("bottega-gimp/bottega-gimp.py"),),
    ),
}


def build(editor: str, target: Path) -> Path:
    """Put the plug-in for `krita` or `gimp` into the folder `target`, replacing an older one.

    Returns the plug-in's own folder in there. Raises Mistake where its source is missing.
    """
    plugin, source = PLUGINS[editor], source_folder(editor)
    remove(editor, target)
    target.mkdir(parents=True, exist_ok=True)
    for member in plugin.members:
        _copy(source / member, target / member)
    if plugin.actions:
        place = plugin.actions_place(target)
        place.parent.mkdir(exist_ok=True)
        _copy(source / plugin.actions, place)
    package = target / plugin.package
    for name in VENDORED:
        _copy(_installed(name), package / FOLDER / name)
    (package / FOLDER / "__init__.py").write_text('"""What the plug-in carries."""\n')
    _copy_notices(package)
    _point_inwards(
        package, f"{plugin.package.name}.{FOLDER}.", [target / s for s in plugin.scripts]
    )
    return target / plugin.members[0]


def remove(editor: str, target: Path) -> bool:
    """Take the plug-in out of the folder `target`; tells whether there was one."""
    plugin = PLUGINS[editor]
    members = [target / member for member in plugin.members]
    if plugin.actions:
        members.append(plugin.actions_place(target))
    found = [member for member in members if member.exists() or member.is_symlink()]
    for member in found:
        if member.is_dir() and not member.is_symlink():
            shutil.rmtree(member)
        else:
            member.unlink()
    if plugin.actions:
        with suppress(OSError):  # others have actions too, or there are none
            plugin.actions_place(target).parent.rmdir()
    return bool(found)


def pack(folder: Path, archive: Path) -> Path:
    """Zip everything in `folder`, as editors and people unpack it."""
    archive.unlink(missing_ok=True)
    return Path(shutil.make_archive(str(archive.with_suffix("")), "zip", folder))


def source_folder(editor: str) -> Path:
    """The plug-in's source: inside an installed wheel, or in the checkout that we run from."""
    places = (HERE / "plugins" / editor, HERE.parents[2] / PLUGINS[editor].source)
    for place in places:
        if all((place / member).exists() for member in PLUGINS[editor].members):
            return place
    raise Mistake(
        f"The source of the {editor} plug-in is not part of this installation.",
        "Install Bottega from its wheel or its repository: pip install --force-reinstall bottega",
    )


def _installed(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise Mistake(f"{package} is not installed.", f"pip install {DISTRIBUTIONS[package]}")
    return Path(spec.origin).parent


def _copy(source: Path, target: Path) -> None:
    """Copy a file or folder, without what is compiled for one machine or only for tools."""
    if source.is_dir():
        skip = shutil.ignore_patterns("__pycache__", "*.py[cdoi]", "*.so", "*.c", "*.pyx", "*.pyi")
        shutil.copytree(source, target, ignore=skip)
    else:
        shutil.copy2(source, target)


def _copy_notices(package: Path) -> None:
    """The licences of what is carried, each beside its code."""
    homes = {name: package / FOLDER / name for name in DISTRIBUTIONS} | {"bottega": package}
    for name, home in homes.items():
        for file in distribution(DISTRIBUTIONS.get(name, name)).files or ():
            if file.name.startswith(NOTICES) and ".dist-info" in file.parts[0]:
                shutil.copy2(Path(str(file.locate())), home / file.name)


def _point_inwards(package: Path, absolute: str, scripts: list[Path]) -> None:
    for module in sorted(package.rglob("*.py")):
        _rewrite_file(module, prefix_of(module.relative_to(package)))
    for script in scripts:
        _rewrite_file(script, absolute)
        script.chmod(0o755)
        # GIMP asks again what a plug-in can do only where its script has another date.
        script.touch()


def _rewrite_file(module: Path, prefix: str) -> None:
    before = module.read_text(encoding="utf-8")
    after = rewrite(before, prefix)
    if after != before:
        module.write_text(after, encoding="utf-8")
