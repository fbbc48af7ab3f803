# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lines of `postqueue -j`, whatever strangers put into them, and the choice of messages."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.activity import queue_entry
from plinth.modules.email.activity.queue_entry import QueueEntry, QueueFilter, of_line
from plinth.modules.email.errors import MailError

NAME = '4fPMmB2q9Wz3w'
AT = 1_764_000_000
REAL = (
    '{"queue_name": "deferred", "queue_id": "4fPMmB2q9Wz3w", "arrival_time": 1764000000, '
    '"message_size": 2817, "forced_expire": false, "sender": "alice@example.test", '
    '"recipients": [{"address": "carol@outside.test", "delay_reason": "connect to '
    'mail.outside.test[198.51.100.9]:25: Connection refused"}]}\n'
)
"""As Postfix 3.10 writes it."""


def raw(**more: Any) -> dict[str, Any]:
    """An object of a line, with other values."""
    return {**json.loads(REAL), **more}


def entry(**more: Any) -> QueueEntry:
    """A message with other values."""
    return queue_entry.of_raw(raw(**more))


def to(*addresses: str) -> list[dict[str, str]]:
    return [{'address': address} for address in addresses]


def test_a_line_of_postfix() -> None:
    found = of_line(REAL)
    assert (found.id, found.place, found.sender) == (NAME, 'deferred', 'alice@example.test')
    assert (found.bytes, found.since) == (2817, datetime.fromtimestamp(AT, UTC))
    assert found.recipients[0].address == 'carol@outside.test'
    assert found.reason.endswith('Connection refused')
    assert not found.is_expired


def test_a_newer_postfix_may_say_more() -> None:
    recipients = [{'address': 'a@b.test', 'orig_address': 'c@d.test', 'bounce_reason': 'no'}]
    found = entry(recipients=recipients, something={'new': [1]}, forced_expire=True)
    assert (found.reason, found.is_expired) == ('', True)


def test_a_report_has_no_sender() -> None:
    assert entry(sender='MAILER-DAEMON').sender == ''


@pytest.mark.parametrize(
    'more',
    [
        {'queue_id': 'ALL'}, {'queue_id': '-d'}, {'queue_id': '../x'}, {'queue_id': 7},
        {'queue_id': f'{NAME}\n'}, {'queue_name': 'corrupt'}, {'queue_name': None},
        {'arrival_time': -1}, {'arrival_time': 1e9}, {'arrival_time': 10**30},
        {'arrival_time': True}, {'message_size': 'x'}, {'message_size': -1}, {'sender': 5},
        {'sender': None}, {'recipients': None}, {'recipients': ['x']},
        {'recipients': [{'address': 7}]}, {'recipients': [{'delay_reason': []}]},
    ],
)  # fmt: skip
def test_a_line_that_tells_of_no_message(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match='n'):
        of_line(json.dumps(raw(**more)))


@pytest.mark.parametrize('line', ['', '\n', 'null', '[]', '{}', '{"queue_id"', '[' * 100_000, '7'])
def test_a_line_that_is_no_object(line: str) -> None:
    with pytest.raises(ValueError, match=' '):
        of_line(line)


@given(
    st.dictionaries(
        st.sampled_from([*json.loads(REAL), 'new']),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()),
    )
)
def test_any_object_is_a_message_or_none(more: dict[str, Any]) -> None:
    try:
        found = of_line(json.dumps(raw(**more)))
    except ValueError:
        return
    assert QueueEntry.from_json(json.loads(json.dumps(found.short().to_json()))) == found.short()


@given(st.text(), st.text(), st.text())
def test_what_strangers_write_is_printed_on_one_line(sender: str, to_: str, reason: str) -> None:
    recipients = [{'address': to_, 'delay_reason': reason}] * 60
    found = entry(sender=sender, recipients=recipients).short()
    texts = [found.sender, found.recipients[0].address, found.reason]
    assert all(text.isprintable() for text in texts)
    assert max(map(len, texts)) <= queue_entry.LONGEST_REASON
    assert (len(found.recipients), found.count) == (queue_entry.MOST_RECIPIENTS, 60)
    ''.join(texts).encode()


@pytest.mark.parametrize(
    ('text', 'shown'),
    [
        ('said: 550 \x1b[31mno', 'said: 550 ?[31mno'),
        ('a\u202eb', 'a?b'),
        ('a\ud800b', 'a?b'),
        ('a\nb', 'a?b'),
        ('über ß', 'über ß'),
        ('x' * 50, f'{"x" * 19}…'),
    ],
)
def test_signs_that_are_not_printed(text: str, shown: str) -> None:
    assert queue_entry.visible(text, 20) == shown


@pytest.mark.parametrize(
    ('address', 'domain'),
    [
        ('a@B.Test', 'b.test'), ('"a@x"@b.test', 'b.test'), ('a@bücher.test', 'xn--bcher-kva.test'),
        ('a@[192.0.2.1]', '[192.0.2.1]'), ('nobody', 'nobody'), ('a@', ''),
    ],
)  # fmt: skip
def test_the_domain_of_a_recipient(address: str, domain: str) -> None:
    assert queue_entry.domain_of(address) == domain


@pytest.mark.parametrize(
    ('which', 'places'),
    [
        ('all', 'maildrop incoming active deferred hold'),
        ('moving', 'maildrop incoming active deferred'),
        ('deferred', 'deferred'),
        ('held', 'hold'),
    ],
)
def test_the_messages_in_a_state(which: str, places: str) -> None:
    wanted = QueueFilter.of(which, '', '')
    queues = ('maildrop', 'incoming', 'active', 'deferred', 'hold')
    assert ' '.join(each for each in queues if wanted.means(entry(queue_name=each))) == places


@pytest.mark.parametrize(
    ('destination', 'is_meant'),
    [
        ('outside.test', True), ('OUTSIDE.test', True), ('@outside.test', True),
        ('side.test', False), ('mail.outside.test', False),
    ],
)  # fmt: skip
def test_a_destination_is_a_whole_domain(destination: str, is_meant: bool) -> None:
    assert QueueFilter.of('all', destination, '').means(entry()) is is_meant


def test_one_recipient_of_a_destination_is_enough() -> None:
    found = entry(recipients=to('a@one.test', 'b@two.test'))
    assert QueueFilter.of('all', 'two.test', '').means(found)
    assert not QueueFilter.of('all', 'three.test', '').means(found)


@pytest.mark.parametrize(
    ('sender', 'asked', 'is_meant'),
    [
        ('Alice@Example.test', 'alice@example.test', True),
        ('alice@example.test', 'alice@EXAMPLE.test', True),
        ('alice+x@example.test', 'alice@example.test', False),
        ('MAILER-DAEMON', '<>', True),
        ('alice@example.test', '<>', False),
    ],
)
def test_a_sender_is_a_whole_address(sender: str, asked: str, is_meant: bool) -> None:
    assert QueueFilter.of('all', '', asked).means(entry(sender=sender)) is is_meant


def test_messages_by_name_are_those_and_no_others() -> None:
    wanted = QueueFilter.of('named', '', '', [NAME])
    assert wanted.means(entry())
    assert not wanted.means(entry(queue_id='4fPMmC6N4kz4b'))


def test_messages_that_came_later_are_not_meant() -> None:
    assert QueueFilter.of('all', '', '', until=AT).means(entry())
    assert not QueueFilter.of('all', '', '', until=AT - 1).means(entry())


@pytest.mark.parametrize(
    ('given_', 'code'),
    [
        (('', '', ''), 'queue-filter-invalid'),
        (('hold', '', ''), 'queue-filter-invalid'),
        (('all', 'nothing', ''), 'domain-invalid'),
        (('all', 'a b.test', ''), 'domain-invalid'),
        (('all', '', 'alice'), 'address-invalid'),
        (('all', '', 'a@b.test\n'), 'domain-invalid'),
        (('all', '', '', [NAME]), 'queue-id-invalid'),
        (('named', '', ''), 'queue-id-invalid'),
        (('named', '', '', ['ALL']), 'queue-id-invalid'),
        (('named', '', '', [NAME] * 1001), 'queue-id-invalid'),
        (('all', '', '', [], -1), 'queue-filter-invalid'),
        (('all', '', '', [], 10**40), 'queue-filter-invalid'),
    ],
)
def test_a_choice_no_one_can_mean(given_: tuple[Any, ...], code: str) -> None:
    with pytest.raises(MailError) as raised:
        QueueFilter.of(*given_)
    assert raised.value.code == code


def test_no_names_never_stand_for_all_messages() -> None:
    """A form without a choice sends an empty list; that may not empty the queue."""
    with pytest.raises(MailError, match='Enter message IDs'):
        QueueFilter.of('named', '', '', [])
