"""What the plug-in keeps in Krita's own settings; they reach the disk when Krita is closed."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from krita import Krita

from bottega_client.launch import Address

from .qt import QtCore

GROUP = "bottega"
SERVER = "server-{}"
"""One setting for each field of a server's address."""

FIELDS = ("model", "quality", "source")
"""Choices that are kept from day to day, by their names in a wish."""

COUNT = "count"


def read(name: str) -> str:
    """A setting's text, empty where there is none."""
    return str(Krita.instance().readSetting(GROUP, name, ""))


def write(name: str, text: str) -> None:
    """Keep a setting."""
    Krita.instance().writeSetting(GROUP, name, text)


def stops_folder() -> Path:
    """Where stops are kept that no server has heard of yet, beside Krita's resources."""
    kinds = QtCore.QStandardPaths.StandardLocation
    own = QtCore.QStandardPaths.writableLocation(kinds.AppDataLocation)
    return Path(own) / "bottega-stops"


def read_address() -> Address | None:
    """The server that was chosen; None for that of this computer."""
    kept = {field.name: read(SERVER.format(field.name)) for field in fields(Address)}
    named = {name: text for name, text in kept.items() if text}
    return Address(**{"token": "", **named}) if "url" in named else None


def write_address(address: Address | None) -> None:
    """Keep which server is to be used; what was kept before is gone."""
    for field in fields(Address):
        write(SERVER.format(field.name), getattr(address, field.name, ""))
