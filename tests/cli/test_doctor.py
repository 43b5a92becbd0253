"""What the doctor says of limits."""

import pytest

from bottega_backend.cli import doctor
from bottega_backend.settings import QUOTAS, SETTINGS_FILE, Limits


def test_every_limit_is_shown_once(tmp_path):
    """The server's, an address's, an artist's; and where each is set."""
    server, artist = doctor._limits(tmp_path)
    told = f"{server.how}, {artist.how}"
    assert [word for word in told.split() if word in vars(Limits())] == [
        *doctor.SERVER_LIMITS,
        *QUOTAS,
    ]
    assert SETTINGS_FILE in server.remedy
    assert "bottega artists quota" in artist.remedy


def test_what_was_set_is_told_with_what_holds_else(tmp_path):
    """So that a mistake shows."""
    (tmp_path / SETTINGS_FILE).write_text("[limits]\njobs = 3\nuploads = 0.5\n")
    _, artist = doctor._limits(tmp_path)
    assert "jobs 3 (else 200)" in artist.how
    assert "uploads 0.5 (else 4)" in artist.how
    assert artist.how.count("else") == 2


@pytest.mark.parametrize("text", ["[limits]\njobs = -1\n", "[limit]\n"])
def test_a_broken_file_is_told_once(tmp_path, text):
    """With the results that are kept; nothing is guessed here."""
    (tmp_path / SETTINGS_FILE).write_text(text)
    assert doctor._limits(tmp_path) == []
    assert doctor._keeping(tmp_path).missing
