"""Fetches models from a hub: whole or not at all, and where it left off after a cut.

Only the command line comes here: no request of a client ever causes a download. huggingface_hub
itself begins a file anew when a command was ended in the middle of it; here the part that
arrived stays, and the rest is asked for.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from bottega_backend.errors import Unreadable
from bottega_backend.shelf.files import sayable
from bottega_protocol.errors import BottegaError

from .hub_files import RemoteFile, choose_files

# Read by huggingface_hub when it is imported: nobody has to know what is fetched here.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

from huggingface_hub import HfApi, constants, hf_hub_url
from huggingface_hub.errors import (  # type: ignore[attr-defined]  # HTTPError: its transport's
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    HTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.file_download import http_get
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # documented

PARTIAL = ".part"
COMMIT = re.compile(r"[0-9a-f]{7,64}")
AT_ONCE = 2**20

Tell = Callable[[int], None]
"""Is told how many bytes more (or less, after a restart) there are."""


class CantGet(BottegaError):
    """A model can't be had from the hub."""

    code = "cant-get"


@dataclass(frozen=True)
class Wanted:
    """A repository ("owner/name"), perhaps one file of it, and what else the hub is told."""

    repo: str
    single: str = ""
    revision: str = "main"
    hub: str = ""


@dataclass(frozen=True)
class Found:
    """What the hub has of it: the exact commit, its licence, and the files that are needed."""

    wanted: Wanted
    commit: str
    licence: str
    gated: bool
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def name(self) -> str:
        """What its folder is called."""
        chosen = self.wanted.single or self.wanted.repo
        name = PurePosixPath(chosen).name
        return name.removesuffix(PurePosixPath(name).suffix) if self.wanted.single else name

    @property
    def page(self) -> str:
        """Where people read about it."""
        return f"{self.wanted.hub or constants.ENDPOINT}/{self.wanted.repo}"


def look_up(wanted: Wanted) -> Found:
    """Ask the hub; raises CantGet."""
    with _explained(wanted):
        about = HfApi(endpoint=wanted.hub or None).model_info(
            wanted.repo, revision=wanted.revision, files_metadata=True
        )
    commit = about.sha or ""
    if not COMMIT.fullmatch(commit):  # it becomes part of a folder's name
        raise CantGet(f"{wanted.repo}: the hub names no commit.", "Look at the hub's address.")
    files = tuple(_remote(sibling) for sibling in about.siblings or ())
    try:
        chosen = choose_files(files, wanted.single)
    except Unreadable as error:
        raise CantGet(f"{wanted.repo}: {sayable(error.message)}", "Choose another file.") from error
    return Found(wanted, commit, _licence(about.card_data), bool(about.gated), chosen)


def download(found: Found, folder: Path, tell: Tell) -> Path:
    """Bring every file into `folder`/<its name>; gives the model's path there.

    What is being fetched lies in a hidden folder beside it until the last file is whole and has
    the hash that the hub promised. Raises CantGet; fetched again, it goes on where it was.
    """
    target = folder / found.name
    if target.exists():
        raise CantGet(f"{target} is there already.", "Remove or rename it to fetch it again.")
    waiting = folder / f".{found.name}-{found.commit[:12]}"
    for file in found.files:
        path = waiting / _place(found, file)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            tell(file.size)
        else:
            _fetch(found, file, path, tell)
    waiting.replace(target)
    single = found.wanted.single
    return target / PurePosixPath(single).name if single else target


def _place(found: Found, file: RemoteFile) -> str:
    """A single checkpoint lies at the top of its folder, wherever its repository has it."""
    return PurePosixPath(file.name).name if file.name == found.wanted.single else file.name


def _fetch(found: Found, file: RemoteFile, path: Path, tell: Tell) -> None:
    """Fetch one file, or the rest of it, compare its hash, and give it its name."""
    partial = path.with_name(path.name + PARTIAL)
    wanted = found.wanted
    url = hf_hub_url(wanted.repo, file.name, revision=found.commit, endpoint=wanted.hub or None)
    with _explained(wanted), partial.open("ab") as stream:
        if stream.tell() > file.size:
            stream.truncate(0)
        there = stream.tell()
        tell(there)
        # Files that are packed on their way can't be asked for from the middle.
        headers = build_hf_headers(headers={"Accept-Encoding": "identity"})
        http_get(
            url,
            stream,
            resume_size=there,
            headers=headers,
            expected_size=file.size,
            tqdm_class=_bar(tell),
        )
    if not _is_whole(file, partial):
        partial.unlink()
        raise CantGet(
            f"{file.name} did not arrive as {wanted.repo} promises it: its checksum is wrong.",
            "Get it again; if it happens again, something between here and the hub changes files.",
        )
    partial.replace(path)


def _is_whole(file: RemoteFile, path: Path) -> bool:
    """Whether a file has the SHA-256 that the hub named, or the hash that git gives it."""
    digest = hashlib.sha256() if file.sha256 else hashlib.sha1(b"blob %d\0" % file.size)  # noqa: S324  # git's
    with path.open("rb") as stream:
        while block := stream.read(AT_ONCE):
            digest.update(block)
    return digest.hexdigest() == (file.sha256 or file.blob)


def _bar(tell: Tell) -> type[Any]:
    """What huggingface_hub takes for a progress bar, and tells its bytes to."""

    class Bar:
        def __init__(self, **_: Any) -> None:
            """Nothing is drawn here."""

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            """Nor ended."""

        def update(self, count: float) -> None:
            """So many bytes more."""
            tell(int(count))

    return Bar


def _remote(sibling: Any) -> RemoteFile:
    large = sibling.lfs
    return RemoteFile(
        sibling.rfilename,
        (large.size if large else sibling.size) or 0,
        large.sha256 if large else "",
        sibling.blob_id or "",
    )


def _licence(card: Any) -> str:
    """The licence as the model's card names it, and where it stands."""
    fields = card.to_dict() if card is not None else {}
    name = fields.get("license_name") or fields.get("license") or ""
    named = ", ".join(name) if isinstance(name, list) else str(name)
    link = fields.get("license_link")
    return sayable(f"{named} ({link})" if named and link else named)


@contextmanager
def _explained(wanted: Wanted) -> Iterator[None]:
    """What the hub and the line to it raise, in words for people."""
    page = f"{wanted.hub or constants.ENDPOINT}/{wanted.repo}"
    try:
        yield
    except GatedRepoError as error:
        raise CantGet(
            f"{wanted.repo} is given only to people who accepted its terms.",
            f"Accept them at {page}, make a token there, and set HF_TOKEN to it.",
        ) from error
    except RepositoryNotFoundError as error:
        raise CantGet(
            f"{wanted.repo} is not there, or not public.",
            "Look at its name; for a private one set HF_TOKEN.",
        ) from error
    except RevisionNotFoundError as error:
        raise CantGet(
            f"{wanted.repo} has no revision {wanted.revision}.", f"See {page}/tree/main"
        ) from error
    except HFValidationError as error:
        raise CantGet(f"{wanted.repo} is no name of a repository.", "Say owner/name.") from error
    except OfflineModeIsEnabled as error:
        raise CantGet("HF_HUB_OFFLINE forbids it.", "Unset it to fetch models.") from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        raise CantGet(f"The hub refuses ({status}): {wanted.repo}.", "Try again later.") from error
    except HTTPError as error:
        raise CantGet(
            f"The hub can't be reached, or the line was cut: {error}.",
            "Try again: what has arrived is kept.",
        ) from error
    except OSError as error:  # a full disk; more or fewer bytes than were promised
        raise CantGet(f"{wanted.repo} did not arrive: {error}", "Mend it and try again.") from error
