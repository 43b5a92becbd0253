"""What the plug-in keeps: choices in Krita's own settings, an address in a file of its own.

Krita's settings reach the disk when Krita is closed.
"""

from __future__ import annotations

from pathlib import Path

from krita import Krita

from bottega_client.editor import EditorError
from bottega_client.kept_address import forget_address, keep_address, kept_address
from bottega_client.launch import Address

from .qt import QtCore

GROUP = "bottega"

FIELDS = ("model", "quality", "source")
"""Choices that are kept from day to day, by their names in a wish."""

COUNT = "count"


def read(name: str) -> str:
    """A setting's text, empty where there is none."""
    return str(Krita.instance().readSetting(GROUP, name, ""))


def write(name: str, text: str) -> None:
    """Keep a setting."""
    Krita.instance().writeSetting(GROUP, name, text)


def folder() -> Path:
    """Where the plug-in keeps files of its own, beside Krita's resources."""
    kinds = QtCore.QStandardPaths.StandardLocation
    return Path(QtCore.QStandardPaths.writableLocation(kinds.AppDataLocation)) / "bottega"


def read_address() -> Address | None:
    """The server that was chosen; None for that of this computer."""
    return kept_address(folder())


def write_address(address: Address | None) -> None:
    """Keep which server is to be used, for nobody else to read; raises EditorError.

    Krita's own settings may be read by every user of the computer.
    """
    try:
        if address is None:
            forget_address(folder())
        else:
            keep_address(folder(), address)
    except OSError as error:
        raise EditorError(
            f"The server's address could not be kept: {error}.", "It is used until Krita ends."
        ) from error
