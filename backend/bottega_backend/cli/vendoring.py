"""Rewrites the imports of carried packages, so that a plug-in finds them inside itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path

VENDORED = ("bottega_protocol", "bottega_client", "msgpack", "websockets")
"""What a plug-in carries under `_vendor`: pure Python, all of it."""

FOLDER = "_vendor"


def rewrite(source: str, prefix: str) -> str:
    """The same module with its absolute imports of VENDORED pointing below `prefix`.

    `prefix` is what stands before a carried package's name: `._vendor.`, `..._vendor.`, or
    `bottega_gimp._vendor.` for a script that belongs to no package. Only import statements change;
    line numbers stay as they are.
    """
    lines = source.encode().splitlines(keepends=True)
    for node in _imports(ast.parse(source)):
        _replace(lines, node, _moved(node, _segment(lines, node), prefix))
    return b"".join(lines).decode()


def prefix_of(module: Path) -> str:
    """The prefix for a module at this path below the plug-in's package."""
    return "." * len(module.parts) + FOLDER + "."


def _imports(tree: ast.Module) -> list[ast.Import | ast.ImportFrom]:
    """Every statement to change, last first, so that a change moves none that is still to come."""
    found = [
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(_is_carried(name.name) for name in node.names))
        or (isinstance(node, ast.ImportFrom) and not node.level and _is_carried(node.module or ""))
    ]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset), reverse=True)


def _is_carried(module: str) -> bool:
    return module.partition(".")[0] in VENDORED


def _moved(node: ast.Import | ast.ImportFrom, text: str, prefix: str) -> str:
    if isinstance(node, ast.ImportFrom):
        return re.sub(r"^from\s+", f"from {prefix}", text)
    return "; ".join(part for name in node.names for part in _import(name, prefix))


def _import(name: ast.alias, prefix: str) -> tuple[str, ...]:
    """What stands for one name of an `import` statement."""
    if not _is_carried(name.name):
        return (f"import {name.name}" + (f" as {name.asname}" if name.asname else ""),)
    package, _, module = name.name.rpartition(".")
    where = prefix + package if package else prefix.removesuffix(".") or "."
    if name.asname or not package:
        return (f"from {where} import {module}" + (f" as {name.asname}" if name.asname else ""),)
    # `import a.b` loads a.b and binds a.
    root = name.name.partition(".")[0]
    return (f"from {where} import {module} as _{module}", *_import(ast.alias(root), prefix))


def _segment(lines: list[bytes], node: ast.stmt) -> str:
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    if first == last:
        return lines[first][node.col_offset : node.end_col_offset].decode()
    middle = lines[first + 1 : last]
    parts = (lines[first][node.col_offset :], *middle, lines[last][: node.end_col_offset])
    return b"".join(parts).decode()


def _replace(lines: list[bytes], node: ast.stmt, text: str) -> None:
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    head, tail = lines[first][: node.col_offset], lines[last][node.end_col_offset or 0 :]
    lines[first : last + 1] = (head + text.encode() + tail).splitlines(keepends=True)
