# SPDX-License-Identifier: AGPL-3.0-or-later
"""Administrators hear of what is broken for longer than a restart takes."""

from unittest.mock import Mock

import pytest

from plinth.modules.email.health import alarm, announce
from plinth.modules.email.health.finding import Finding, Remedy
from plinth.modules.email.status import State, Verdict
from plinth.modules.email.words.text import Sentence

PART = {'name': 'Dovecot', 'failing': 'No reading.'}
DOWN = Finding(Verdict(State.BROKEN, 'service-down', PART), 'dovecot')
DNS = Finding(Verdict(State.BROKEN, 'records'), 'a.test')
OLD = Finding(Verdict(State.LOOK, 'queue-old'))


def test_it_has_to_last_two_looks() -> None:
    codes, told = alarm.lasting([DOWN, DNS, OLD], ())
    assert codes == {DOWN.code}
    assert told == []
    assert alarm.lasting([DOWN, DNS, OLD], codes) == (codes, [DOWN])
    assert alarm.lasting([DNS, OLD], codes) == (frozenset(), [])


def test_it_leads_to_the_page_that_solves_it() -> None:
    page = Remedy('fix-dns', page='email:dns', about='a.test')
    two = (page, Remedy('retry', repair='x'))
    full = Finding(Verdict(State.BROKEN, 'room'), remedies=two)
    way = alarm.way([full])
    assert (str(way['link']), way['page'], way['about']) == ('Fix DNS', 'email:dns', 'a.test')
    start = (Remedy('repair', repair='setup'),)
    button = Finding(Verdict(State.BROKEN, 'no-mailbox'), remedies=start)
    for findings in ([button], [full, button], [full, full], [DOWN]):
        assert alarm.way(findings)['page'] == announce.OVERVIEW


def test_it_is_told_and_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    notification = Mock()
    monkeypatch.setattr(announce, 'Notification', notification)
    monkeypatch.setattr(announce, 'shown', lambda _prefix: {})
    alarm.show([DOWN])
    told = notification.update_or_create.call_args.kwargs
    assert (told['id'], told['severity']) == (alarm.ID, 'error')
    data = told['data']
    said = [str(Sentence.from_json(each)) for each in data['said']]
    assert said == ['Dovecot is stopped.', 'No reading.']
    assert data['page'] == announce.OVERVIEW
    monkeypatch.setattr(announce, 'shown', lambda _prefix: {alarm.ID: DOWN.code})
    alarm.show([])
    assert notification.get.return_value.delete.called
