"""What an artist is told of a job beside its result: size, shape, and words that mean nothing."""

import json

from bottega_backend.offers.hints import MOST_HINT, word_hints
from bottega_backend.shelf.catalog import BUILT_INS
from bottega_backend.shelf.words import known_words

APPRENTICE = known_words(BUILT_INS[0].folder)


def test_foreign_words_are_answered_with_the_known_ones():
    """The picture is painted all the same; what was not understood comes first."""
    (told,) = word_hints("A red Dragon, and a knight (on sand:1.2)", APPRENTICE)
    assert told.startswith("This model does not know: dragon, knight. It knows: ")
    for word in ("ball", "house", "purple", "sunset"):
        assert f" {word}," in told
    assert len(told) <= MOST_HINT


def test_words_of_its_own_need_no_hint():
    """Nor do small words, numbers and signs."""
    assert (
        word_hints("a large red ball on the left, (on sand:1.3), lit from above", APPRENTICE) == ()
    )


def test_a_models_words_are_whole_ones():
    """No pieces of words, which its tokenizer has tokens for too."""
    assert {"house", "cone", "water"} <= APPRENTICE
    assert not {"ouse", "one", "ter"} & APPRENTICE


def test_a_model_that_knows_any_word_is_not_asked(tmp_path):
    """A vocabulary of CLIP's size, none at all and one that is no JSON."""
    assert known_words(tmp_path) == frozenset()
    (tmp_path / "tokenizer").mkdir()
    path = tmp_path / "tokenizer" / "vocab.json"
    path.write_text(json.dumps({f"word{number}</w>": number for number in range(9000)}))
    known_words.cache_clear()
    assert known_words(tmp_path) == frozenset()
    path.write_text("no json")
    known_words.cache_clear()
    assert known_words(tmp_path) == frozenset()
    assert word_hints("a dragon", frozenset()) == ()


def test_a_very_long_vocabulary_is_cut_short():
    """A hint is one sentence on the wire."""
    known = frozenset(f"word{chr(97 + number % 26)}{'x' * (number // 26)}" for number in range(300))
    (told,) = word_hints("dragon", known)
    assert len(told) <= MOST_HINT
    assert told.endswith(" ...")
