# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forwards that fail, in lines of the journal as Postfix writes them."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.sending.forwards import (
    FAILING_DAYS,
    FEWEST,
    FORGET,
    FailingForward,
    WatchedForwards,
    deliveries,
    followed,
    message_about,
)

DAY = 24 * 3600
NOW = 1_800_000_000.0
TO, FROM = 'carol@outside.test', 'team@example.test'


def entry(
    status: str, moment: float = NOW, to: str = TO, orig: str = FROM, message: str = '4dKQz81',
    source: str = 'postfix/smtp', reply: str = 'host mail[1.2.3.4] said: 550 5.1.1 gone',
) -> dict[str, Any]:  # fmt: skip
    for_another = f'orig_to=<{orig}>, ' if orig else ''
    text = (
        f'{message}: to=<{to}>, {for_another}relay=mail.outside.test[192.0.2.1]:25, '
        f'delay=0.1, delays=0.1/0/0/0, dsn=5.1.1, status={status} ({reply})'
    )
    return {
        'MESSAGE': text, 'SYSLOG_IDENTIFIER': source,
        '__REALTIME_TIMESTAMP': str(int(moment * 1_000_000)),
    }  # fmt: skip


def failing(entries: Iterable[dict[str, Any]], now: float = NOW) -> dict[str, FailingForward]:
    return followed({}, deliveries(entries), now)


@pytest.mark.parametrize('status', ['bounced', 'deferred'])
@pytest.mark.parametrize('source', ['postfix/smtp', 'postfix/direct/smtp', 'postfix/error'])
def test_a_failure_is_noticed(status: str, source: str) -> None:
    found = failing([entry(status, source=source)])
    assert found[TO].since == NOW
    assert 'gone' in found[TO].reply


@pytest.mark.parametrize(
    'other',
    [
        entry('sent'),
        entry('bounced', to=FROM),
        entry('bounced', orig=''),
        entry('bounced', source='postfix/lmtp'),
        entry('bounced', source='evil'),
        {**entry('bounced'), 'MESSAGE': 'x ' + entry('bounced')['MESSAGE']},
        {**entry('bounced'), 'MESSAGE': [1, 2]},
    ],
)
def test_other_lines_do_not_count(other: dict[str, Any]) -> None:
    assert failing([other]) == {}


def test_words_of_another_server_are_no_delivery() -> None:
    reply = f') sent x: to=<{TO}>, orig_to=<{FROM}>, status=sent (ok'
    assert TO in failing([entry('bounced', reply=reply)])


@pytest.mark.parametrize('orig', [FROM, ''])
def test_a_success_takes_the_failures_back(orig: str) -> None:
    sent = entry('sent', orig=orig)
    found = failing([entry('bounced', NOW - DAY), sent, entry('bounced', NOW + 5)])
    assert found[TO].since == NOW + 5


@pytest.mark.parametrize(
    ('since', 'last', 'messages', 'is_over'),
    [
        (FAILING_DAYS, 0, FEWEST, True),
        (FAILING_DAYS - 0.01, 0, FEWEST, False),
        (FAILING_DAYS, 0, FEWEST - 1, False),
        (FAILING_DAYS, FAILING_DAYS - 0.5, FEWEST, False),
        (FAILING_DAYS + 10, 9, FEWEST, True),
    ],
)
def test_a_forward_is_over_after_days_and_messages(
    since: float, last: float, messages: int, is_over: bool
) -> None:
    names = tuple(f'A{number}' for number in range(messages))
    found = FailingForward(NOW - since * DAY, NOW - last * DAY, names, '', is_returned=True)
    assert found.is_over(NOW, 0) is is_over


@pytest.mark.parametrize(
    ('status', 'reply', 'is_sure'),
    [
        ('deferred', 'connect to mail[1.2.3.4]:25: Connection timed out', False),
        ('bounced', 'host relay[1.2.3.4] said: 550 no (in reply to MAIL FROM command)', False),
        ('bounced', 'host mail[1.2.3.4] said: 550 gone (in reply to RCPT TO command)', True),
        ('bounced', 'Host or domain name not found. Name service error', True),
    ],
)
def test_a_fault_of_the_box_does_not_stop_forwards(status: str, reply: str, is_sure: bool) -> None:
    entries = [
        entry(status, NOW - days * DAY, message=f'4dKQz8{days}', reply=reply) for days in (6, 3, 0)
    ]
    found = failing(entries)[TO]
    assert found.is_over(NOW, 0) is is_sure
    assert found.is_over(NOW, NOW - 7 * DAY) is is_sure
    assert found.is_over(NOW, NOW - 2 * DAY), 'other mail left in the meantime'


def test_one_message_that_waits_is_one_message() -> None:
    found = failing([entry('deferred', NOW + hour * 3600) for hour in range(200)], NOW + 9 * DAY)
    assert len(found[TO].messages) == 1
    assert not found[TO].is_over(NOW + 9 * DAY, NOW + 8 * DAY)


def test_what_had_no_mail_for_long_is_forgotten() -> None:
    entries = [entry('bounced', NOW)]
    assert TO in failing(entries, NOW + FORGET - 1)
    assert failing(entries, NOW + FORGET) == {}


def test_the_state_is_read_as_it_was_written() -> None:
    state = WatchedForwards(failing([entry('bounced')]), 'cursor', NOW)
    assert WatchedForwards.read(state.to_text()) == state


@given(st.text(max_size=80))
def test_a_damaged_state_is_none(text: str) -> None:
    assert WatchedForwards.read(text) == WatchedForwards({})


def test_the_owner_of_an_alias_hears_that_it_is_off() -> None:
    alias = Alias(FROM, (TO,), enabled=False)
    text = message_about(alias, 'alice@example.test', TO, '550 gone').get_content()
    assert 'was turned off' in text
    assert '550 gone' in text


def test_the_owner_of_a_mailbox_hears_that_mail_stays() -> None:
    mailbox = Mailbox('alice@example.test')
    message = message_about(mailbox, mailbox.address, TO, '550 gone')
    assert 'no longer forwarded to carol@outside.test' in message.get_content()
    assert message['Auto-Submitted'] == 'auto-generated'
