"""What a document remembers for Bottega, inside the .kra: its name, its history, what it holds."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from .qt import QtCore

if TYPE_CHECKING:
    from krita import Document

NAME = "bottega/document"
PLACED = "bottega/placed"
NOTES = "bottega/notes"

JOB_BYTES = 16
MOST_JOBS = 1024
"""Placed jobs that a document remembers, the newest."""


def read(document: Document, kind: str) -> bytes:
    """An annotation's bytes, empty where there is none."""
    if kind not in document.annotationTypes():
        return b""
    return bytes(document.annotation(kind).data())


def write(document: Document, kind: str, text: str, content: bytes) -> None:
    """Keep an annotation; `text` says to people what it is."""
    document.setAnnotation(kind, text, QtCore.QByteArray(content))


def document_name(document: Document, others: list[Document]) -> str:
    """The document's own name, made at first use and kept in its file.

    A copy of an open document carries the same name; it gets one of its own.
    """
    name = read(document, NAME)
    taken = {read(other, NAME) for other in others if other != document}
    if not name or name in taken:
        name = uuid.uuid4().hex.encode()
        give_name(document, name.decode())
    return name.decode("ascii", "replace")


def give_name(document: Document, name: str) -> None:
    """Have a document bear this name from now on."""
    write(document, NAME, "The document's name with Bottega", name.encode())


def notes(document: Document) -> str:
    """The text that is kept in the document for the panel, "" where there is none."""
    return read(document, NOTES).decode("utf-8", "replace")


def keep_notes(document: Document, text: str) -> None:
    """Keep the panel's text in the document, in place of what was there."""
    write(document, NOTES, "Bottega's history of this document", text.encode("utf-8", "replace"))


def is_placed(document: Document, job: bytes) -> bool:
    """Whether this job's result has been inserted before."""
    return job in _placed(document)


def remember_placed(document: Document, job: bytes) -> None:
    """Note that this job's result has been inserted."""
    jobs = [*_placed(document), job][-MOST_JOBS:]
    write(document, PLACED, "Bottega's results in this document", b"".join(jobs))


def _placed(document: Document) -> list[bytes]:
    jobs = read(document, PLACED)
    return [jobs[start : start + JOB_BYTES] for start in range(0, len(jobs), JOB_BYTES)]
