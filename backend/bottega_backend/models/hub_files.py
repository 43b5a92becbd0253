"""Which files of a hub's repository make a model: the fewest that are needed, and no pickles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from bottega_backend.errors import Unreadable

INDEX = "model_index.json"
ENDINGS = (".safetensors", ".sft")
SMALL_ENDINGS = (".json", ".txt", ".model")
"""Configs and vocabularies."""

PARTS = (
    "unet",
    "vae",
    "text_encoder",
    "text_encoder_2",
    "tokenizer",
    "tokenizer_2",
    "scheduler",
)
"""The folders that are fetched; safety checkers and the like are not used."""

VOCABULARY = ("tokenizer/vocab.json", "tokenizer/merges.txt")
"""What single files lack and their repository may hold beside them."""

PAPERS = ("LICENSE", "LICENSE.md", "LICENSE.txt", "README.md")
"""Come along, so that what was agreed to can be read again."""

KINDS = ("fp16", "", "bf16", "fp32")
"""What stands in names of weights, best first: half as large, they paint alike."""

MOST_LISTED = 20


@dataclass(frozen=True)
class RemoteFile:
    """One file of a repository. `sha256` is known of large files, `blob` (git's own) of all."""

    name: str
    size: int
    sha256: str = ""
    blob: str = ""

    @property
    def safe(self) -> bool:
        """Whether its name stays inside the folder that it is put into."""
        parts = PurePosixPath(self.name).parts
        plain = "\\" not in self.name and ":" not in self.name and not self.name.startswith("/")
        return plain and bool(parts) and not any(part.startswith(".") for part in parts)


def choose_files(files: tuple[RemoteFile, ...], single: str = "") -> tuple[RemoteFile, ...]:
    """The files to fetch: a diffusers folder's, or those of one `single` checkpoint.

    Raises Unreadable, which says what there is instead.
    """
    there = {file.name: file for file in files if file.safe}
    papers = [name for name in PAPERS if name in there]
    if single:
        wanted = _single(there, single)
    elif INDEX in there:
        wanted = [INDEX, *_folder(there)]
    else:
        raise Unreadable(INDEX, f"is not there: name one of its files. {_list(there)}")
    return tuple(there[name] for name in (*wanted, *papers))


def _single(there: dict[str, RemoteFile], name: str) -> list[str]:
    if not name.endswith(ENDINGS):
        raise Unreadable(name, f"is no safetensors file; pickles are never fetched. {_list(there)}")
    if name not in there:
        raise Unreadable(name, f"is not there. {_list(there)}")
    both = all(part in there for part in VOCABULARY)
    return [name, *(VOCABULARY if both else ())]


def _list(there: dict[str, RemoteFile]) -> str:
    names = [name for name in there if name.endswith(ENDINGS)]
    more = ", …" if len(names) > MOST_LISTED else ""
    return f"There are: {', '.join(names[:MOST_LISTED]) or 'no safetensors files'}{more}"


def _folder(there: dict[str, RemoteFile]) -> list[str]:
    """Configs, vocabularies and one kind of weights of each part."""
    parts = [PurePosixPath(name) for name in there if _in_part(name)]
    weights = [path for path in parts if _is_weights(path)]
    if not weights:
        raise Unreadable("its weights", "are no safetensors files; pickles are never fetched")
    small = [path for path in parts if not _is_weights(path) and path.suffix in SMALL_ENDINGS]
    # Parts of two kinds don't go together: the first that there is of every part.
    folders = {path.parent for path in weights}
    by_kind = {kind: [path for path in weights if kind_of(path) == kind] for kind in KINDS}
    whole = (paths for paths in by_kind.values() if {path.parent for path in paths} == folders)
    return [path.as_posix() for path in (*small, *next(whole, weights))]


def _in_part(name: str) -> bool:
    path = PurePosixPath(name)
    return len(path.parts) == 2 and path.parts[0] in PARTS


def _is_weights(path: PurePosixPath) -> bool:
    """Weights, and lists of the files over which they are spread."""
    return path.suffix in ENDINGS or ".safetensors.index." in path.name


def kind_of(path: PurePosixPath) -> str:
    """What stands in a name of weights before its ending: "fp16", or nothing."""
    plain = path.name.replace(".safetensors.index", "").removesuffix(path.suffix)
    words = [word for word in plain.split(".")[1:] if word]
    return words[0].partition("-")[0] if words else ""
