"""Invitations as people paste them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottega_protocol.handshake import Hello
from bottega_protocol.invitation import (
    BadInvitation,
    Invitation,
    looks_like_invitation,
    read_invitation,
)
from bottega_protocol.messages import CLIENT_MESSAGES

INVITATION = Invitation("studio.local", 8765, bytes(range(16)), bytes(range(32)))
HOSTS = st.one_of(
    st.ip_addresses().map(str),
    st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z]{2,6})?", fullmatch=True),
)
INVITATIONS = st.builds(
    Invitation,
    HOSTS,
    st.integers(1, 65535),
    st.binary(min_size=16, max_size=16),
    st.one_of(st.just(b""), st.binary(min_size=32, max_size=32)),
)


@given(INVITATIONS)
def test_both_forms_say_the_same(invitation):
    """A link and a text, whatever the host is."""
    assert read_invitation(invitation.link) == invitation
    assert read_invitation(invitation.text) == invitation
    assert looks_like_invitation(invitation.link)
    assert looks_like_invitation(invitation.text)


@given(INVITATIONS, st.data())
def test_what_mail_and_people_do_to_it_is_forgiven(invitation, data):
    """Spaces around it, line breaks in it, small letters, a nought for an O."""
    place, _, code = invitation.text.partition(" ")
    at = data.draw(st.integers(0, len(code)))
    code = (code[:at] + " \n " + code[at:]).lower().replace("o", "0").replace("i", "1")
    assert read_invitation(f"\n {place}\n{code} \n") == invitation


@given(st.integers(0, 10_000), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_a_slip_is_noticed(at, letter):
    """One letter that is another one, in the code or in the host."""
    code = INVITATION.link.partition("#")[2]
    at %= len(code) - 1
    if code[at] != letter:
        with pytest.raises(BadInvitation):
            read_invitation(f"bottega://studio.local:8765/#{code[:at]}{letter}{code[at + 1 :]}")
    with pytest.raises(BadInvitation):
        read_invitation(INVITATION.link.replace("studio", "studie"))


@pytest.mark.parametrize("cut", [1, 2, 9, 40])
def test_half_an_invitation_is_none(cut):
    """Whoever selects with a mouse loses ends."""
    with pytest.raises(BadInvitation):
        read_invitation(INVITATION.link[:-cut])


@pytest.mark.parametrize(
    "text",
    ["", "x", "ws://127.0.0.1:8765", "127.0.0.1:8765", "https://a:1/#AAAA", "a:0 AAAA", "a" * 9999],
)
def test_an_address_is_no_invitation(text):
    """The same field takes both."""
    assert not looks_like_invitation(text)
    with pytest.raises(BadInvitation):
        read_invitation(text)


@given(st.text(max_size=200))
def test_whatever_is_pasted_is_an_invitation_or_told_not_to_be(text):
    """No other error leaves it."""
    for pasted in (text, f"bottega://a:1/#{text}", f"a:1 {text}"):
        with suppress(BadInvitation):
            assert read_invitation(pasted).port == 1


@given(INVITATIONS)
def test_what_the_hello_says_does_not_tell_the_secret(invitation):
    """The account is a hash; it fits a hello, and is not what is proved."""
    hello = Hello((1,), invitation.account, bytes(24))
    assert Hello in CLIENT_MESSAGES.values()
    assert invitation.token not in hello.account
    assert hello.account.startswith("invitation:")
    assert repr(invitation.secret) not in repr(invitation)
