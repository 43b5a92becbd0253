"""The built-in model's files are whole, readable and name no machine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bottega_backend.apprentice.pictures import FOLDER, PICTURES, Picture
from bottega_backend.shelf.catalog import BUILT_IN, BUILT_INS, Model
from bottega_protocol.regions import Size, canvas_rectangle

FILES = sorted(path for path in BUILT_IN.rglob("*") if path.is_file())


def test_configs_name_no_place() -> None:
    """No path of the machine that trained them, no address."""
    assert FILES
    for path in FILES:
        if path.suffix == ".json" and path.name not in ("tokenizer.json", "vocab.json"):
            fields = json.loads(path.read_text(encoding="utf-8"))
            assert fields.get("_name_or_path", "") == ""
            texts = [value for value in fields.values() if isinstance(value, str)]
            assert not [text for text in texts if re.search(r"[/\\]|\w\.\w+/", text)]


@pytest.mark.parametrize("model", BUILT_INS, ids=lambda model: model.id)
def test_both_forms_of_the_tokenizer_agree(model: Model) -> None:
    """vocab.json and merges.txt, for older loaders, say what tokenizer.json says."""
    folder = model.folder / "tokenizer"
    whole = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    lines = (folder / "merges.txt").read_text(encoding="utf-8").splitlines()
    assert vocabulary == whole["vocab"]
    assert [line.split(" ") for line in lines[1:]] == [list(pair) for pair in whole["merges"]]


@pytest.mark.parametrize("model", BUILT_INS, ids=lambda model: model.id)
def test_people_are_told_what_it_is(model: Model) -> None:
    """Name, note and licence say: a first draft, one small world, made here."""
    assert "(first draft)" in model.name
    assert "128 pixels" in model.note
    assert "Apache-2.0" in model.licence


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.path.stem)
def test_demonstration_pictures_hold_their_selection(picture: Picture) -> None:
    """The file is a 512 by 512 PNG, and the ellipse lies inside."""
    head = picture.path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    size = Size(int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big"))
    assert size == Size(512, 512)
    assert canvas_rectangle(size).contains(picture.ellipse)


def test_every_picture_has_its_line() -> None:
    """No file without a caption."""
    assert {path.name for path in FOLDER.iterdir()} == {picture.path.name for picture in PICTURES}


def test_these_rooms_never_load_torch() -> None:
    """Offers, shelf and imaging serve the server process, which must stay small."""
    rooms = "offers.quote, offers.table, shelf.catalog, imaging.blend, imaging.colour, "
    rooms += "imaging.masks, imaging.pixels, imaging.prefill, imaging.resize, apprentice.pictures"
    imports = "\n".join(f"import bottega_backend.{room}" for room in rooms.split(", "))
    program = f"import sys\n{imports}\nsys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_quoting_needs_no_numpy() -> None:
    """The server answers quotes with whole numbers alone."""
    program = "import sys, bottega_backend.offers.quote\nsys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def documented_words() -> set[str]:
    """Every word of the table in docs/apprentice.md, and of the demonstration's prompts."""
    page = Path(__file__).parents[2] / "docs" / "apprentice.md"
    rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [re.sub(r"\(.*?\)", "", row.split("|")[2]) for row in rows[2:]]
    return set(re.findall(r"[a-z]+", " ".join([*cells, *(entry.prompt for entry in PICTURES)])))


@pytest.mark.parametrize("model", BUILT_INS, ids=lambda model: model.id)
def test_the_model_knows_every_documented_word(model: Model) -> None:
    """Each is one token; a word that is spelled out means nothing to it."""
    path = model.folder / "tokenizer" / "vocab.json"
    vocabulary = json.loads(path.read_text(encoding="utf-8"))
    words = documented_words()
    assert len(words) > 30
    assert {word for word in words if f"{word}</w>" not in vocabulary} == set()
    assert "dragon</w>" not in vocabulary, "the counter-proof"
