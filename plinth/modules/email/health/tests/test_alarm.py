# SPDX-License-Identifier: AGPL-3.0-or-later
"""Administrators hear of what is broken for longer than a restart takes."""

from unittest.mock import Mock

import pytest

from plinth.modules.email.health import alarm, announce
from plinth.modules.email.health.finding import Finding, Remedy
from plinth.modules.email.status import State

DOWN = Finding('service-down-dovecot', State.BROKEN, 'Dovecot is stopped.', 'No reading.')
DNS = Finding('records-a.test', State.BROKEN, '1 DNS problem.', 'Fix it.')
OLD = Finding('queue-old', State.LOOK, 'It waits.', 'Wait.')


def test_it_has_to_last_two_looks() -> None:
    codes, told = alarm.lasting([DOWN, DNS, OLD], ())
    assert codes == {DOWN.code}
    assert told == []
    assert alarm.lasting([DOWN, DNS, OLD], codes) == (codes, [DOWN])
    assert alarm.lasting([DNS, OLD], codes) == (frozenset(), [])


def test_it_leads_to_the_page_that_solves_it() -> None:
    page = Remedy('Fix it', page='email:dns', about='a.test')
    full = Finding('disk', State.BROKEN, 'Full.', 'Delete.', page, Remedy('Or', repair='x'))
    assert alarm.way([full]) == {'link': 'Fix it', 'page': 'email:dns', 'about': 'a.test'}
    button = Finding('x', State.BROKEN, 'Down.', 'Start.', Remedy('Start', repair='setup'))
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
    said = data['sentence'].removeprefix('translate:').format(**data)
    assert said == 'Dovecot is stopped. No reading.'
    assert data['page'] == announce.OVERVIEW
    monkeypatch.setattr(announce, 'shown', lambda _prefix: {alarm.ID: DOWN.code})
    alarm.show([])
    assert notification.get.return_value.delete.called
