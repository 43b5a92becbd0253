"""Bottega inside Krita: select a region, say what you want there, get it back as a new layer."""

from .extension import register

register()
