# SPDX-License-Identifier: AGPL-3.0-or-later
"""A signed link says what it was made for, and no altered one is a link."""

import base64
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ...directory.entry import now
from ...errors import MailError
from .. import signed_links
from ..signed_links import LINK_ACTS, LinkAct, SignedLink

KEY, OTHER = b'k' * 32, b'o' * 32
ALICE = 'alice@example.test'
MESSAGE = '0123456789abcdef' * 2
LATER = datetime(2100, 1, 1, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_categories=['Cs']), max_size=200)
LINKS = st.builds(
    SignedLink,
    st.sampled_from(LINK_ACTS),
    st.emails(),
    TEXTS,
    st.binary(min_size=16, max_size=16).map(bytes.hex),
    st.datetimes(now().replace(tzinfo=None) + timedelta(days=1), timezones=st.just(UTC)),
)


def link(act: LinkAct = 'release', message: str = MESSAGE, expires: datetime = LATER) -> str:
    return signed_links.make(SignedLink(act, ALICE, 'id-of-alice', message, expires), KEY)


def refused(secret: str, key: bytes = KEY) -> None:
    with pytest.raises(MailError) as found:
        signed_links.read(secret, key)
    assert found.value.code == 'quarantine-link-invalid'
    assert not found.value.detail


@given(LINKS)
def test_a_link_says_what_it_was_made_for(made: SignedLink) -> None:
    read = signed_links.read(signed_links.make(made, KEY), KEY)
    assert (read.act, read.address, read.message) == (made.act, made.address, made.message)
    assert read.is_of(made.holder)


@given(LINKS, TEXTS)
def test_a_link_is_for_one_person(made: SignedLink, other: str) -> None:
    assume(other != made.holder)
    assert not signed_links.read(signed_links.make(made, KEY), KEY).is_of(other)


@given(LINKS)
def test_a_link_of_another_key_is_none(made: SignedLink) -> None:
    refused(signed_links.make(made, OTHER))


@given(LINKS, st.integers(0, 10_000), st.sampled_from('ABab01-_=+/ \n.é'))
def test_no_altered_link_is_one(made: SignedLink, place: int, sign: str) -> None:
    secret = signed_links.make(made, KEY)
    at = place % len(secret)
    refused(secret[:at] + secret[at + 1 :])
    refused(secret[:at] + sign + secret[at:])
    if sign != secret[at]:
        refused(secret[:at] + sign + secret[at + 1 :])


@given(LINKS, LINKS, st.integers(0, 200))
def test_parts_of_two_links_are_none(one: SignedLink, other: SignedLink, at: int) -> None:
    first, second = signed_links.make(one, KEY), signed_links.make(other, KEY)
    assume(first[:at] + second[at:] not in (first, second))
    refused(first[:at] + second[at:])


@given(st.text(max_size=300))
@example('')
@example('A')
@example('A' * 1000)
@example('\ud800')
def test_no_other_text_is_a_link(text: str) -> None:
    refused(text)


def test_a_link_has_one_form() -> None:
    """The last sign of a text in base64 has bits that mean nothing."""
    secret = link()
    same = [
        secret[:-1] + sign
        for sign in 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
        if sign != secret[-1]
    ]
    for each in same:
        refused(each)
    refused(secret + '=')
    refused(base64.b64encode(b'\xff' * 90).decode())


def test_each_act_and_message_has_its_own_link() -> None:
    every = {link(act) for act in LINK_ACTS} | {link(message='f' * 32)}
    assert len(every) == 4


def test_a_link_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    end = datetime(2030, 1, 1, tzinfo=UTC)
    secret = link(expires=end)
    monkeypatch.setattr(signed_links, 'now', lambda: end - timedelta(seconds=1))
    assert signed_links.read(secret, KEY).address == ALICE
    monkeypatch.setattr(signed_links, 'now', lambda: end)
    refused(secret)


@pytest.mark.parametrize('message', ['', 'x' * 32, 'a' * 31, 'A' * 32, 'a' * 32 + '\n'])
def test_a_message_is_named_by_a_hash(message: str) -> None:
    with pytest.raises(MailError):
        link(message=message)


def test_the_key_is_made_once_and_for_root_alone(tmp_path: Path) -> None:
    path, lock = tmp_path / 'folder/key', tmp_path / 'lock'
    made = signed_links.key(path, lock)
    assert len(made) == 32
    assert signed_links.key(path, lock) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b'short')
    assert signed_links.key(path, lock) not in (made, b'short')


def test_looking_at_a_link_makes_no_key(tmp_path: Path) -> None:
    """A stranger can do that; nothing is valid before the first link is made."""
    path = tmp_path / 'folder/key'
    with pytest.raises(MailError) as caught:
        signed_links.present_key(path)
    assert caught.value.code == 'quarantine-link-invalid'
    assert not path.parent.exists()
    made = signed_links.key(path, tmp_path / 'lock')
    assert signed_links.present_key(path) == made
