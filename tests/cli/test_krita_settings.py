"""Krita's settings belong to the artist: one line of them is ours."""

import pytest

from bottega_backend.cli.krita_settings import switched_on, without_switch


@pytest.mark.parametrize(
    "settings",
    [
        "",
        "[theme]\nTheme=Krita dark\n",
        "[python]\nenable_other=true\n\n[theme]\nTheme=Krita dark\n",
        "odd=1\n\n[theme]\nName=b\udce9ton\n",
    ],
)
def test_what_is_switched_on_and_off_again_is_as_it_was(settings):
    on = switched_on(settings)
    assert "enable_bottega_krita=true" in on.splitlines()
    assert without_switch(on) == settings
    assert switched_on(on) == on


def test_a_switch_that_was_off_is_turned_not_doubled():
    on = switched_on("[python]\nenable_bottega_krita=false\n")
    assert on == "[python]\nenable_bottega_krita=true\n"
