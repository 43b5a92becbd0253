"""CLIP's vocabulary: from beside a model, or as an installed open_clip_torch carries it."""

import json
from pathlib import Path

import pytest

from bottega_backend.shelf import vocabulary
from bottega_backend.shelf.vocabulary import PACKED_WORDS, alphabet, find_vocabulary, unpack

TEXTS = [
    "a photograph of an astronaut, riding (a horse)!",
    "Zwölf Boxkämpfer jagen Viktor",
    "日本語 1234 ½ don't",
    "supercalifragilistic_expialidocious",
]


def small(folder: Path, words: int) -> None:
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps({f"w{n}": n for n in range(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\na b\n\nc d</w>\n")


def test_the_nearest_of_the_right_length_is_taken(tmp_path):
    model = tmp_path / "x.safetensors"
    assert find_vocabulary(model, 7) is None
    small(tmp_path / "some-diffusers-folder" / "tokenizer", 7)
    small(tmp_path / "tokenizer", 9)
    found = find_vocabulary(model, 7)
    assert found is not None
    assert (len(found.tokens), found.merges) == (7, (("a", "b"), ("c", "d</w>")))
    assert find_vocabulary(model, 9) is not None
    assert find_vocabulary(model, 8) is None


@pytest.mark.parametrize("text", ["[]", "{", '{"a": "b"}', '{"a": 1.5}'])
def test_files_that_make_no_sense_are_no_vocabulary(tmp_path, text):
    small(tmp_path / "tokenizer", 7)
    (tmp_path / "tokenizer" / "vocab.json").write_text(text)
    assert find_vocabulary(tmp_path / "x", 7) is None


def test_every_byte_has_a_letter_of_its_own():
    assert len(set(alphabet())) == 256
    assert all(len(letter) == 1 and not letter.isspace() for letter in alphabet())


def test_the_packed_vocabulary_cuts_words_as_open_clip_does():
    """The real thing: 49,408 tokens, and the numbers that CLIP's own tokenizer gives."""
    open_clip = pytest.importorskip("open_clip", reason="the extra bottega[clip]")
    from transformers import CLIPTokenizer  # noqa: PLC0415  # with the other one only

    packed = vocabulary._packed()
    assert packed is not None
    found = unpack(packed)
    assert len(found.tokens) == PACKED_WORDS
    theirs = open_clip.SimpleTokenizer()
    ours = CLIPTokenizer(vocab=found.tokens, merges=list(found.merges))
    for text in TEXTS:
        tokens = [int(token) for token in theirs(text)[0] if token]
        assert ours(text).input_ids == tokens, text
    assert find_vocabulary(Path("nowhere") / "x.safetensors", PACKED_WORDS) == found
