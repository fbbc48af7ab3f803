# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stories on pages: the answer, what refusals mean, and which page mends them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ...activity.story import RESULTS
from ...activity.traced import TracedEnd, TracedMessage, TracedReason
from ...status import State
from ...words import told_messages as words
from ..told_message import Telling, answer_of, shown_result, title_of

AT = datetime(2026, 12, 1, 10, 30, tzinfo=UTC)
ALICE, BOB = 'alice@example.test', 'bob@outside.test'


def end(result: Any = 'delivered', address: str = BOB, **values: str) -> TracedEnd:
    rest = {'asked_for': '', 'target': '', 'code': '', 'text': '', **values}
    return TracedEnd(address, result, AT, **rest)


def message(*ends: TracedEnd, **values: Any) -> TracedMessage:
    found = TracedMessage(
        7, AT, AT, ends[0].result if ends else 'moving', 'login', '192.0.2.1', ALICE, ALICE, '',
        'a@b.test', '', 1200, 'no action', 1.5, 15.0, (), ('4jcMbL1hRmzNwGY',), (), 0, ends, 0,
    )  # fmt: skip
    return replace(found, **values)


def told(found: TracedMessage, *, is_admin: bool = True) -> Any:
    return Telling(found, ['example.test'], is_admin).tell()


@pytest.mark.parametrize('result', RESULTS)
def test_each_result_has_an_answer(result: Any) -> None:
    _one, many = words.MANY[result]
    one = words.ANSWERS[result].format(recipient=BOB)
    assert str(told(message(end(result))).shown.word) == one
    two = told(message(end(result), end(result, ALICE)))
    assert str(two.shown.word) == many.format(count=2)
    assert shown_result(result).word


def test_different_ends_are_said_to_be_different_and_listed() -> None:
    found = told(message(end('returned'), end('delivered', ALICE)))
    assert str(found.shown.word) == 'Returned to the sender: 1 of 2 recipients'
    assert found.shown.state is State.BROKEN
    assert found.has_many
    assert not told(message(end())).has_many


def test_what_a_rule_decided_is_no_fault() -> None:
    assert shown_result('refused').icon == shown_result('discarded').icon == 'off'
    assert shown_result('waiting').icon == 'look'


def test_an_answer_of_another_server_is_explained_with_the_page_that_mends_it() -> None:
    text = 'host mx.outside.test[192.0.2.1] said: 550 5.7.23 SPF validation failed'
    (meaning,) = told(message(end('returned', code='5.7.23', text=text))).meanings
    assert 'SPF' in meaning.title
    assert meaning.fault
    assert meaning.advice
    assert (meaning.link.page, meaning.link.about) == ('dns', 'example.test')
    assert meaning.source.startswith('https://')
    assert meaning.answer == text


def test_pages_for_administrators_are_not_offered_to_others() -> None:
    found = message(end('returned', code='5.7.23', text='550 5.7.23 SPF validation failed'))
    (meaning,) = told(found, is_admin=False).meanings
    assert meaning.link is None
    assert meaning.advice == words.ASK_ADMINISTRATOR


def test_an_unknown_answer_is_shown_as_it_is() -> None:
    (meaning,) = told(message(end('returned', code='9.9.9', text='gnarf'))).meanings
    assert meaning.answer == '9.9.9 gnarf'
    assert 'not known' in meaning.title


def test_a_refusal_by_this_box_is_explained_once_for_the_same() -> None:
    text = f'<{BOB}>: Recipient address rejected: User unknown in virtual mailbox table'
    found = told(message(*[end('refused', BOB, code='5.1.1', text=text)] * 2))
    (meaning,) = found.meanings
    assert meaning.title == "The address doesn't exist on this server."
    assert (meaning.link.page, meaning.link.query) == ('resolve', 'address=bob%40outside.test')


def test_the_heaviest_reasons_come_first_and_light_ones_are_left_out() -> None:
    rules = (('MIME_GOOD', -0.1), ('BAYES_SPAM', 5.1), ('GTUBE', 9.0), ('A', 1.0), ('B', 2.0))
    reasons = tuple(TracedReason(name, points) for name, points in rules)
    found = told(message(end(), reasons=reasons)).reasons
    assert [each.rpartition('(')[2] for each in found] == ['+9.0)', '+5.1)', '+2.0)']


@pytest.mark.parametrize('code', ['', '5.1.1'])
def test_codes_are_not_repeated(code: str) -> None:
    assert answer_of(code, '550 5.1.1 no') == '550 5.1.1 no'


def test_a_message_is_known_by_its_sender_or_subject() -> None:
    assert title_of(message()) == f'Message from {ALICE}'
    assert title_of(message(subject='Fair')) == 'Fair'
    assert title_of(message(sender='')) == 'Notice of a mail server'
