# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages of the queue: the choice in an address, the words of a state, the confirmed number."""

from typing import Any
from unittest.mock import Mock

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from plinth.modules.email.activity import queue as model
from plinth.modules.email.activity.queue_entry import QueueEntry, QueueFilter, of_raw
from plinth.modules.email.activity.tests.test_queue import lines, raw
from plinth.modules.email.errors import MailError
from plinth.modules.email.status import State
from plinth.modules.email.views import queue
from plinth.modules.email.views.queue import QueueChoice


@pytest.mark.parametrize(
    ('data', 'choice', 'query'),
    [
        ({}, QueueChoice(), 'state=moving'),
        ({'state': 'held', 'to': ' gone.test '}, QueueChoice('held', 'gone.test'),
         'state=held&to=gone.test'),
        ({'state': 'nonsense', 'from': '<>'}, QueueChoice('moving', '', '<>'),
         'state=moving&from=%3C%3E'),
        ({'id': '4fPM00000001z', 'state': 'all'}, QueueChoice('named', name='4fPM00000001z'),
         'id=4fPM00000001z'),
    ],
)  # fmt: skip
def test_the_choice_in_an_address(data: dict[str, str], choice: QueueChoice, query: str) -> None:
    assert QueueChoice.of(data) == choice
    assert choice.query == query


@pytest.mark.parametrize('state', ['named', 'all&id=', ''])
def test_no_address_chooses_by_name_without_a_name(state: str) -> None:
    which, _to, _sender, ids = QueueChoice.of({'state': state}).arguments
    assert (which, ids) == ('moving', [])


def entry(**more: Any) -> QueueEntry:
    return of_raw(raw(**more))


@pytest.mark.parametrize(
    ('more', 'word', 'state', 'sentence'),
    [
        ({}, 'Waiting', State.LOOK, 'timed out'),
        ({'queue_name': 'active', 'recipients': []}, 'Being sent', State.WORKS, ''),
        ({'forced_expire': True}, 'Being returned', State.LOOK, 'timed out'),
        ({'queue_name': 'hold'}, 'Held', State.LOOK, 'Held by an administrator'),
    ],
)
def test_the_state_of_a_message(
    more: dict[str, Any], word: str, state: State, sentence: str
) -> None:
    found = queue.shown(entry(**more)).state
    assert (str(found.word), found.state, found.sentence) == (word, state, sentence)


def test_a_message_over_a_limit_names_whose_it_is() -> None:
    held = QueueEntry.from_json(
        {**entry(queue_name='hold').to_json(), 'login': 'bob@example.test', 'limit': 'day'}
    )
    assert queue.why_held(held) == 'Held: bob@example.test reached its limit for a day'


@pytest.mark.parametrize(
    ('text', 'number'), [('', 1), ('3', 3), ('0', 1), ('-1', 1), ('x', 1), ('٣', 1), ('9' * 9, 1)]
)
def test_the_number_of_a_page(text: str, number: int) -> None:
    assert queue._number(text) == number


class GrowingQueue:
    """Root's side of a queue that grows to more messages than were shown."""

    def __init__(self) -> None:
        self.messages = lines(raw(1))
        self.lost: list[Any] = []

    def __call__(self, verb: Any, *arguments: Any) -> Any:
        if verb == 'queue_list':
            which, to, sender, first, rows = arguments
            wanted = QueueFilter.of(which, to, sender)
            return model.listing(self.messages, wanted, first, rows)[0].to_json()
        if len(self.messages) > arguments[-1]:
            raise MailError('queue-changed', count=len(self.messages), confirmed=arguments[-1])
        self.lost.append((verb, *arguments[:-2], arguments[-1]))
        return len(self.messages)


@pytest.fixture(name='root')
def fixture_root(monkeypatch: pytest.MonkeyPatch) -> GrowingQueue:
    root = GrowingQueue()
    names = Mock(queue_list='queue_list', queue_delete='queue_delete')
    monkeypatch.setattr(queue, 'privileged', names)
    monkeypatch.setattr(queue, 'call', root)
    monkeypatch.setattr(queue, 'reverse', lambda name: f'/{name}/')
    monkeypatch.setattr(queue.QueueDelete, 'tell', Mock())
    return root


def ask(monkeypatch: pytest.MonkeyPatch, count: str) -> tuple[Any, HttpResponse]:
    """The form as it is shown again, if it is, and the answer, to the confirmed number."""
    shown: list[Any] = []

    def again(_self: Any, form: Any) -> HttpResponse:
        shown.append(form)
        return HttpResponse()

    monkeypatch.setattr(queue.QueueDelete, 'form_invalid', again)
    request = RequestFactory().post('/?state=all', {'count': count, 'until': '9'})
    answer = queue.QueueDelete.as_view()(request)
    return (shown[0] if shown else None), answer


def test_the_confirmed_number_is_lost(root: GrowingQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    form, answer = ask(monkeypatch, '1')
    assert (form, answer.status_code) == (None, 302)
    assert root.lost == [('queue_delete', 'all', '', '', [], 1)]


def test_a_queue_that_grew_asks_again(root: GrowingQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    root.messages = lines(raw(1), raw(2))
    form, _answer = ask(monkeypatch, '1')
    assert (form['count'].value(), root.lost) == ('2', [])
    assert '2 messages match now' in str(form.non_field_errors())


@pytest.mark.parametrize('count', ['', '-1', 'all'])
def test_a_number_no_one_confirms_loses_nothing(
    count: str, root: GrowingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, _answer = ask(monkeypatch, count)
    assert form is not None
    assert root.lost == []
