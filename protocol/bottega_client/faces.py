"""What a board asks of a panel and of its editor; each has it made of its own toolkit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from bottega_protocol.messages import Offers
from bottega_protocol.offers import Plan

from .editor import Editor
from .entries import Entry, Recent, Zoomed
from .history import Past
from .launch import Address
from .sight import Sight
from .thumbnails import Thumbnail
from .wishes import Wish


class Paint(Protocol):
    """The page with the fields."""

    @property
    def capability(self) -> str:
        """What the main button does now."""
        ...

    def wish(self) -> Wish:
        """What the fields ask for."""
        ...

    def show_wish(self, wish: Wish, capability: str) -> None:
        """Take a wish back into the fields."""
        ...

    def show_context(self, *, selected: bool) -> None:
        """What a click would do depends on whether anything is selected."""
        ...

    def show_used(self, seed: int) -> None:
        """The seed that was painted with."""
        ...

    def show_offers(self, offers: Offers) -> None:
        """What the server can do."""
        ...

    def show_plan(self, plan: Plan | None, trouble: str = "") -> None:
        """What would be painted, or why it can't be."""
        ...


class Notice(Protocol):
    """A message across the panel."""

    def say(self, text: str) -> None:
        """Something went well."""
        ...

    def warn(self, message: str, remedy: str, about: str = "") -> None:
        """Something went wrong; `about` names what good news takes it away."""
        ...

    def settle(self, about: str) -> None:
        """What was said about this is no longer so."""
        ...

    def clear(self) -> None:
        """Nothing to say."""
        ...


class Status(Protocol):
    """The state of the connection."""

    def show_connected(self, place: str, details: str) -> None:
        """A server answered."""
        ...

    def show_absent(self, details: str) -> None:
        """There is no server, or it can't be talked to."""
        ...


class HistoryList(Protocol):
    """The page of what the document remembers."""

    def show_pasts(self, pasts: Iterable[Past]) -> None:
        """List these, the newest first."""
        ...


class RecentList(Protocol):
    """The page of what the server keeps."""

    def ask(self) -> None:
        """Look again, from the newest on."""
        ...

    def show_page(self, page: Recent) -> None:
        """A page has come."""
        ...

    def show_picture(self, job: bytes, picture: Thumbnail) -> None:
        """How one of the listed jobs looks."""
        ...


class Zoom(Protocol):
    """The window that shows a variation large."""

    def look_at(self, entry: Entry, variation: int) -> None:
        """Show this variation."""
        ...

    def show_entry(self, entry: Entry) -> None:
        """A job has news."""
        ...

    def show_picture(self, zoomed: Zoomed) -> None:
        """The larger picture has come."""
        ...


class Face(Protocol):
    """What can be shown: each editor's panel, made of its own toolkit's widgets."""

    @property
    def paint(self) -> Paint: ...
    @property
    def history(self) -> HistoryList: ...
    @property
    def recent(self) -> RecentList: ...
    @property
    def notice(self) -> Notice: ...
    @property
    def status(self) -> Status: ...

    def shows(self, page: Any) -> bool:
        """Whether this page is in front."""
        ...

    def turn_to(self, page: Any) -> None:
        """Bring a page to the front."""
        ...

    def entry(self, job: bytes) -> Entry | None:
        """What the list knows of a job."""
        ...

    def show_entry(self, entry: Entry) -> None:
        """A job has news."""
        ...

    def remove(self, job: bytes) -> None:
        """A job is gone."""
        ...


class Bench(Protocol):
    """What is asked of the editor about the document that is worked on."""

    def sight(self) -> Sight:
        """The document as it is now."""
        ...

    def editor(self, wish: Wish) -> Editor:
        """Where the wish's result goes; raises EditorError where no picture is open for it."""
        ...

    def notes(self) -> str:
        """What the document remembers, "" without a document."""
        ...

    def keep(self, wish: Wish) -> None:
        """Have what was chosen there again tomorrow."""
        ...

    def address(self) -> Address | None:
        """The server that was chosen; None for that of this computer."""
        ...

    def keep_address(self, address: Address | None) -> None:
        """Use this server tomorrow too; None is that of this computer."""
        ...

    def copy(self, text: str) -> None:
        """Put a text into the clipboard."""
        ...
