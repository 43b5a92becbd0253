"""What a path is, whatever it is: the one door to folders and single files."""

from __future__ import annotations

from pathlib import Path

from .files import inspect_file
from .folders import inspect_folder
from .layout import Layout


def recognise(path: Path) -> Layout:
    """Describe a model; raises Unreadable, saying why, for what can't be used."""
    return inspect_folder(path) if path.is_dir() else inspect_file(path)
