"""What the plug-in keeps in Krita's own settings; they reach the disk when Krita is closed."""

from __future__ import annotations

from krita import Krita

GROUP = "bottega"
URL = "server-url"
TOKEN = "server-token"  # noqa: S105  # the setting's name

FIELDS = ("model", "quality", "source")
"""Choices that are kept from day to day, by their names in a wish."""

COUNT = "count"


def read(name: str) -> str:
    """A setting's text, empty where there is none."""
    return str(Krita.instance().readSetting(GROUP, name, ""))


def write(name: str, text: str) -> None:
    """Keep a setting."""
    Krita.instance().writeSetting(GROUP, name, text)
