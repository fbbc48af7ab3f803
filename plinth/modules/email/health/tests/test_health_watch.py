# SPDX-License-Identifier: AGPL-3.0-or-later
"""News are told once, inside and outside; quiet hours keep back what can wait."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from plinth.modules.email.errors import MailError
from plinth.modules.email.health import check_list, health_watch
from plinth.modules.email.health.since import Standing, Standings
from plinth.modules.email.sending import box_notice, outside_notice, telling
from plinth.modules.email.sending.telling import TellingChoice
from plinth.modules.email.status import State

from .test_since import START, one

OUTSIDE = 'me@elsewhere.test'
Sent = list[tuple[str, str, str, str]]


@pytest.fixture(name='sent', autouse=True)
def fixture_sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """The messages that were sent, to the address outside too."""
    sent: Sent = []
    for module in (outside_notice, box_notice):
        monkeypatch.setattr(module, 'tell', lambda *words: sent.append(words))
    choose(monkeypatch, TellingChoice(OUTSIDE))
    return sent


def choose(monkeypatch: pytest.MonkeyPatch, choice: TellingChoice) -> None:
    """Have this choice in force."""
    monkeypatch.setattr(telling, 'load', lambda: choice)


def standing(stops_mail: bool, kind: str = 'room') -> Standing:
    """A problem that is news."""
    return replace(one('wbb'), stops_mail=stops_mail, kind=kind)


def told(standings: Standings) -> Standings:
    """The standings after people were told."""
    return health_watch._tell_outside(health_watch._tell_here(standings))


def night() -> tuple[int, int]:
    """Quiet hours that are now."""
    hour = datetime.now(UTC).hour
    return hour, (hour + 2) % 24


def test_what_can_wait_is_told_after_the_quiet_hours(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_watch, 'box_zone', lambda: UTC)
    begin, end = night()
    choose(monkeypatch, TellingChoice('', '', begin, end))
    found = told(Standings(START, 'a.test', (standing(stops_mail=False),)))
    assert (sent, found.checks[0].told) == ([], State.WORKS)
    urgent = told(Standings(START, 'a.test', (standing(stops_mail=True),)))
    assert (len(sent), urgent.checks[0].told) == (1, State.BROKEN)
    choose(monkeypatch, TellingChoice())
    assert told(found).checks[0].told is State.BROKEN
    assert len(sent) == 2


def test_both_are_told_once(sent: Sent) -> None:
    found = told(Standings(START, 'a.test', (standing(stops_mail=True),)))
    assert [each[0] for each in sent] == ['postmaster@a.test', OUTSIDE]
    assert told(found) == found
    assert len(sent) == 2


def test_a_message_that_is_not_taken_is_tried_again(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_words: str) -> None:
        raise MailError('notice-not-sent', 'no', address=OUTSIDE)

    with monkeypatch.context() as patch:
        patch.setattr(outside_notice, 'tell', refuse)
        found = told(Standings(START, 'a.test', (standing(stops_mail=True),)))
    assert (found.checks[0].told, found.checks[0].told_outside) == (State.BROKEN, State.WORKS)
    assert told(found).checks[0].told_outside is State.BROKEN
    assert [each[0] for each in sent] == ['postmaster@a.test', OUTSIDE]


def test_an_address_that_is_new_hears_of_new_problems_only(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, TellingChoice())
    before = told(Standings(START, 'a.test', (standing(stops_mail=True),)))
    choose(monkeypatch, TellingChoice(OUTSIDE))
    assert told(before) == before
    assert [each[0] for each in sent] == ['postmaster@a.test']


def test_records_are_told_outside_alone(sent: Sent) -> None:
    assert 'records' in check_list.TOLD_OUTSIDE - check_list.TOLD_HERE
    told(Standings(START, 'a.test', (standing(stops_mail=True, kind='records'),)))
    assert [each[0] for each in sent] == [OUTSIDE]
