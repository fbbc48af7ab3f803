# SPDX-License-Identifier: AGPL-3.0-or-later
"""Changes made on a page can be taken back, by the person who made them."""

import re
from pathlib import Path
from typing import Any
from unittest.mock import Mock, call

import pytest

from ...errors import MailError
from .. import page, undo_offer
from ..undo_offer import Call
from ..visitor import Visitor

ALICE, CLUB = Visitor('alice'), Visitor('club@b.test', alone=True)


@pytest.fixture(name='verbs')
def fixture_verbs(monkeypatch: pytest.MonkeyPatch) -> Mock:
    verbs = Mock()
    monkeypatch.setattr(undo_offer, 'privileged', verbs)
    return verbs


def request(admin: bool, monkeypatch: Any) -> Mock:
    """A request of a person."""
    monkeypatch.setattr(undo_offer, 'is_user_admin', lambda _request: admin)
    return Mock(session={})


def test_only_changes_can_be_taken_back() -> None:
    for verb in ('setup', 'mailbox_remove', 'mail_delete', '__class__'):
        with pytest.raises(ValueError, match='take anything back'):
            Call(verb)


def test_it_is_offered_once_and_done_once(verbs: Mock, monkeypatch: Any) -> None:
    asked = request(True, monkeypatch)
    undo_offer.offer(asked, 'Removed.', [Call('alias_add', {'address': 'a@b.test'})])
    assert undo_offer.notice(asked) == 'Removed.'
    assert undo_offer.notice(asked) == ''
    undo_offer.take_back(asked, Visitor('tester'))
    verbs.alias_add.assert_called_once_with(address='a@b.test', _log_error=False)
    with pytest.raises(MailError, match='Nothing to undo'):
        undo_offer.take_back(asked, Visitor('tester'))


def test_who_is_no_administrator_any_more_takes_nothing_back(verbs: Mock, monkeypatch: Any) -> None:
    asked = request(False, monkeypatch)
    undo_offer.offer(asked, 'Removed.', [Call('alias_add', {'address': 'a@b.test'})])
    with pytest.raises(MailError, match='administrator'):
        undo_offer.take_back(asked, ALICE)
    assert not verbs.alias_add.called


@pytest.mark.parametrize(
    ('whose', 'visitor', 'allowed'),
    [
        (ALICE, ALICE, True),
        (Visitor('bob'), ALICE, False),
        (CLUB, CLUB, True),
        (Visitor(CLUB.name), CLUB, False),
        (CLUB, Visitor(CLUB.name), False),
        (Visitor('desk@b.test', alone=True), CLUB, False),
    ],
)
def test_people_take_back_only_what_is_own(
    whose: Visitor, visitor: Visitor, allowed: bool, verbs: Mock, monkeypatch: Any
) -> None:
    asked = request(False, monkeypatch)
    undo_offer.offer(
        asked, 'Made.', [Call('own_alias_remove', {**whose.whose, 'address': 'a@b.test'})]
    )
    if allowed:
        undo_offer.take_back(asked, visitor)
    else:
        with pytest.raises(MailError):
            undo_offer.take_back(asked, visitor)
    assert verbs.own_alias_remove.called is allowed


@pytest.mark.parametrize(('verb', 'followed'), [('domain_remove', True), ('alias_add', False)])
def test_daemons_follow_what_they_do_not_see(
    verb: str, followed: bool, verbs: Mock, monkeypatch: Any
) -> None:
    monkeypatch.setattr('plinth.modules.email.sync.signals.request_all', verbs.request_all)
    asked = request(True, monkeypatch)
    undo_offer.offer(asked, 'Added.', [Call(verb)])
    undo_offer.take_back(asked, Visitor('tester'))
    assert verbs.request_all.mock_calls == ([call('tester')] if followed else [])


@pytest.mark.parametrize('by', ['', 'tester'])
def test_daemons_follow_a_change_that_names_its_person(
    by: str, verbs: Mock, monkeypatch: Any
) -> None:
    monkeypatch.setattr('plinth.modules.email.sync.signals.request_all', verbs.request_all)
    assert page.call(verbs.domain_add, 'a.test', by=by) is verbs.domain_add.return_value
    verbs.domain_add.assert_called_once_with('a.test', _log_error=False)
    assert verbs.request_all.mock_calls == ([call(by)] if by else [])


def test_all_pages_offer_calls_that_take_something_back() -> None:
    pages = Path(undo_offer.__file__).parent.glob('*.py')
    found = {
        each
        for path in pages
        for each in re.findall(r"\bCall\(\s*'(\w+)'", path.read_text('utf-8'))
    }
    assert len(found) > 10
    assert found <= {*undo_offer.ADMIN_VERBS, *undo_offer.USER_VERBS}
