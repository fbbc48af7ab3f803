# SPDX-License-Identifier: AGPL-3.0-or-later
"""The switch for forwards to other servers, and the forwards it stops."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.forward import StoppedForward
from plinth.modules.email.directory.mailbox import MOST_FORWARDS, Mailbox
from plinth.modules.email.directory.verbs.forward_rules import (
    check_may_leave,
    may_leave,
    settled,
)
from plinth.modules.email.directory.view import Changed, MemoryView
from plinth.modules.email.errors import MailError

SINCE = datetime(2026, 11, 29, 12, tzinfo=UTC)
OPEN, SHUT = Domain('open.test'), Domain('shut.test', forwarding=False)
VIEW = MemoryView([OPEN, SHUT, Mailbox('bob@open.test')])
OUT, HERE = 'carol@outside.test', 'bob@open.test'


@pytest.mark.parametrize(
    ('domain', 'own', 'expected'),
    [('open', None, True), ('open', True, True), ('open', False, False),
     ('shut', None, False), ('shut', True, True), ('shut', False, False)],
)  # fmt: skip
def test_a_mailbox_goes_before_its_domain(domain: str, own: bool | None, expected: bool) -> None:
    assert may_leave(VIEW, Mailbox(f'alice@{domain}.test', forwarding=own)) is expected


def test_only_other_servers_are_denied() -> None:
    check_may_leave(VIEW, Mailbox('alice@shut.test', forwards=(HERE,)))
    check_may_leave(VIEW, Mailbox('alice@open.test', forwards=(OUT,)))
    with pytest.raises(MailError, match='turned off'):
        check_may_leave(VIEW, Mailbox('alice@shut.test', forwards=(HERE, OUT)))


def test_forwards_stop_with_the_switch_and_go_on_with_it() -> None:
    mailbox = Mailbox('alice@shut.test', forwards=(HERE, OUT))
    stopped = settled(VIEW, mailbox)
    assert stopped.forwards == (HERE,)
    assert [each.cause for each in stopped.stopped_forwards] == ['denied']
    assert settled(VIEW, stopped) == stopped
    opened = Changed(VIEW, [replace(SHUT, forwarding=True)])
    assert settled(opened, stopped) == mailbox


def test_what_fails_does_not_go_on_with_the_switch() -> None:
    failing = str(StoppedForward(OUT, SINCE, 'failing', '550 gone'))
    mailbox = Mailbox('alice@open.test', stopped=(failing,))
    assert settled(VIEW, mailbox) == mailbox


def test_no_more_go_on_than_a_mailbox_may_have() -> None:
    denied = tuple(str(StoppedForward(f'x{n}@outside.test', SINCE, 'denied')) for n in range(5))
    forwards = tuple(f'a{n}@outside.test' for n in range(MOST_FORWARDS))
    after = settled(VIEW, Mailbox('alice@open.test', forwards=forwards, stopped=denied))
    assert len(after.forwards) == MOST_FORWARDS
