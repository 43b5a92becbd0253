"""The data folder's settings.toml: what it may say, and what is said of mistakes."""

import pytest
from fakes.served import Served

from bottega_backend.errors import CannotServe
from bottega_backend.settings import SETTINGS_FILE, Keeping, Settings, read_settings


def test_nothing_set_means_the_defaults(tmp_path):
    """Without a file, with an empty one, with an empty table."""
    assert read_settings(tmp_path) == Settings()
    for text in ("", "[keep]\n"):
        (tmp_path / SETTINGS_FILE).write_text(text)
        assert read_settings(tmp_path) == Settings()


def test_each_setting_is_taken(tmp_path):
    """Whole numbers and others."""
    (tmp_path / SETTINGS_FILE).write_text("[keep]\ndays = 3\ngigabytes = 1.5\nupload_hours = 2\n")
    assert read_settings(tmp_path).keep == Keeping(3.0, 1.5, 2.0)


@pytest.mark.parametrize(
    "text",
    ["[keep", "[kept]\n", "keep = 3\n", "[keep]\nweeks = 3\n", "[keep]\ndays = true\n"]
    + [f"[keep]\ndays = {value}\n" for value in ("0", "-1", "nan", "'3'", "[3]")],
)
def test_a_mistake_is_named_with_what_may_be_set(tmp_path, text):
    """Nothing is guessed."""
    (tmp_path / SETTINGS_FILE).write_text(text)
    with pytest.raises(CannotServe, match=SETTINGS_FILE) as caught:
        read_settings(tmp_path)
    assert "upload_hours" in caught.value.remedy


def test_a_server_with_a_mistake_in_its_settings_says_so_and_ends(tmp_path):
    """Exit code 4, one line."""
    served = Served(tmp_path / "data")
    served.data.mkdir()
    (served.data / SETTINGS_FILE).write_text("[keep]\ndays = 0\n")
    process = served.launch(port=0)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "days that is no number above 0" in errors.splitlines()[-1]
