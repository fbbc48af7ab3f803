# SPDX-License-Identifier: AGPL-3.0-or-later
"""What was changed on a page can be taken back, by whoever changed it."""

from typing import Any
from unittest.mock import Mock

import pytest

from .. import undo
from ..errors import MailError
from ..undo import Call


@pytest.fixture(name='verbs')
def fixture_verbs(monkeypatch: pytest.MonkeyPatch) -> Mock:
    verbs = Mock()
    monkeypatch.setattr(undo, 'privileged', verbs)
    return verbs


def request(name: str, admin: bool, monkeypatch: Any) -> Mock:
    """Return a request of somebody."""
    monkeypatch.setattr(undo, 'is_user_admin', lambda _request: admin)
    return Mock(session={}, user=Mock(username=name))


def test_only_changes_can_be_taken_back() -> None:
    for verb in ('setup', 'mailbox_remove', 'mail_delete', '__class__'):
        with pytest.raises(ValueError, match='take anything back'):
            Call(verb)


def test_it_is_offered_once_and_done_once(verbs: Mock, monkeypatch: Any) -> None:
    asked = request('tester', True, monkeypatch)
    undo.offer(asked, 'Removed.', [Call('alias_add', {'address': 'a@b.test'})])
    assert undo.notice(asked) == 'Removed.'
    assert undo.notice(asked) == ''
    undo.take_back(asked)
    verbs.alias_add.assert_called_once_with(address='a@b.test', _log_error=False)
    with pytest.raises(MailError, match='Nothing to undo'):
        undo.take_back(asked)


def test_who_is_no_administrator_any_more_takes_nothing_back(verbs: Mock, monkeypatch: Any) -> None:
    asked = request('alice', False, monkeypatch)
    undo.offer(asked, 'Removed.', [Call('alias_add', {'address': 'a@b.test'})])
    with pytest.raises(MailError, match='administrator'):
        undo.take_back(asked)
    assert not verbs.alias_add.called


@pytest.mark.parametrize(('user', 'allowed'), [('alice', True), ('bob', False)])
def test_a_user_takes_back_only_what_is_own(
    user: str, allowed: bool, verbs: Mock, monkeypatch: Any
) -> None:
    asked = request('alice', False, monkeypatch)
    undo.offer(asked, 'Made.', [Call('own_alias_remove', {'user': user, 'address': 'a@b.test'})])
    if allowed:
        undo.take_back(asked)
    else:
        with pytest.raises(MailError):
            undo.take_back(asked)
    assert verbs.own_alias_remove.called is allowed
