# SPDX-License-Identifier: AGPL-3.0-or-later
"""Troubles with relays, read from a listing of Postfix's queue."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...directory.relay import Relay
from ...directory.route import DIRECT, Route
from ...directory.routing import Decision
from .. import relay_troubles
from ..relay_troubles import RelayTrouble, RelayTroubles, kind_of, read

RELAYS = (Relay('one', 'smtp.one.test'), Relay('two', 'two.test'))
OURS = 'me@ours.test'
LOGIN = (
    'SASL authentication failed; server smtp.one.test[192.0.2.1] said: 535 5.7.8 Error: '
    'authentication failed: wrong password'
)
SENDER = (
    'host smtp.one.test[192.0.2.1] said: 553 5.7.1 <a@b.test>: Sender address rejected: not owned '
    'by user me (in reply to RCPT TO command)'
)


def listing(*reasons: str, sender: str = OURS) -> list[str]:
    """A listing of messages that wait for these reasons."""
    return [
        json.dumps({'queue_id': 'x', 'sender': sender,
                    'recipients': [{'address': 'a@b.test', 'delay_reason': each}]})
        for each in reasons
    ]  # fmt: skip


def by(relay: str) -> Callable[[str, str], Decision]:
    """Have all mail of our domain go by a relay."""
    route = Route('relay', relay)
    return lambda sender, _place: Decision(route if sender == OURS else DIRECT, 'all')


@pytest.mark.parametrize(
    ('reason', 'kind', 'said'),
    [
        (LOGIN, 'login', '535 5.7.8'),
        (SENDER, 'sender', '553 5.7.1'),
        (f'delivery temporarily suspended: {LOGIN}', 'login', '535 5.7.8'),
        ('connect to smtp.one.test[192.0.2.1]:587: Connection refused', 'unreachable', 'connect'),
        ('Host or domain name not found. Name service error for name=smtp.one.test type=A: Host '
         'not found', 'unreachable', 'Host or'),
        ('host smtp.one.test[192.0.2.1] said: 451 4.3.0 Try later (in reply to RCPT TO command)',
         'other', '451 4.3.0'),
        ('host smtp.one.test[192.0.2.1] said: 530 5.7.0 Authentication required', 'login', '530'),
        ('host smtp.one.test[192.0.2.1] refused to talk to me: 554 5.7.1 no', 'other', '554'),
        ('host smtp.one.test[192.0.2.1] said: 450 4.7.1 timed out (in reply to RCPT TO command)',
         'other', '450'),
        ('TLS is required, but was not offered by host smtp.one.test[192.0.2.1]', 'encryption',
         'TLS is'),
    ],
)  # fmt: skip
def test_the_kind_of_trouble_and_the_relays_own_words(reason: str, kind: str, said: str) -> None:
    (found,) = read(listing(reason), RELAYS, by('two')).found
    assert (found.relay, found.kind, found.count) == ('one', kind, 1)
    assert found.said.startswith(said)


@pytest.mark.parametrize(
    ('reason', 'kind'),
    [('Server certificate not verified', 'certificate'),
     ('Server certificate not trusted', 'certificate'),
     ('Cannot start TLS: handshake failure', 'encryption')],
)  # fmt: skip
def test_a_reason_without_a_host_is_about_the_relay_the_mail_has_to_take(
    reason: str, kind: str
) -> None:
    (found,) = read(listing(reason), RELAYS, by('two')).found
    assert (found.relay, found.kind, found.said) == ('two', kind, reason)
    others = [*listing(reason, sender='MAILER-DAEMON'), *listing(reason, sender='x@"]')]
    assert read(others, RELAYS, by('two')).found == ()


def test_messages_are_counted_and_other_hosts_left_out() -> None:
    other = 'host mx.two.test[192.0.2.9] said: 450 smtp.one.test is slow'
    lines = [*listing(LOGIN, LOGIN, other, SENDER), '{"recipients": []}']
    found = read(lines, RELAYS, by('two')).found
    assert found == (RelayTrouble('one', 'login', 3, LOGIN.partition('said: ')[2]),)


def test_a_name_that_holds_another_is_not_that() -> None:
    reasons = ('connect to notwo.test[192.0.2.1]:25: timed out',
               'connect to two.test.evil.test[192.0.2.1]:25: timed out')  # fmt: skip
    assert read(listing(*reasons), RELAYS, by('two')).found == ()


@given(st.text())
def test_any_reason_has_a_kind_and_can_be_shown(reason: str) -> None:
    assert kind_of(reason)
    for each in read(listing(f'host two.test[192.0.2.1] said: {reason}'), RELAYS, by('one')).found:
        assert each.said.isprintable()
        assert len(each.said) <= relay_troubles.LONGEST_WORDS
        assert RelayTroubles.from_json(RelayTroubles((each,)).to_json()).found == (each,)


@pytest.mark.parametrize('text', ['', '{', '[]', '{"found": 1}', '{"found": [{}]}'])
def test_a_damaged_file_says_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / 'troubles.json'
    assert relay_troubles.kept(path) is None
    path.write_text(text)
    assert relay_troubles.kept(path) is None
