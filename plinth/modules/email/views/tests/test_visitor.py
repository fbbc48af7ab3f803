# SPDX-License-Identifier: AGPL-3.0-or-later
"""The visitor of a page, and that no personal page is open to others."""

import time
from typing import Any
from unittest.mock import Mock

import pytest

from ... import urls
from ...errors import MailError
from .. import visitor
from ..page import UserPage
from ..visitor import SECONDS, Visitor, visitor_of

CLUB = 'club@b.test'


class Session(dict[str, Any]):
    """A session that remembers whether it was ended."""

    def flush(self) -> None:
        self.clear()

    def set_expiry(self, _seconds: int | None) -> None:
        """Take any."""


def request(login: str = '', **kept: Any) -> Any:
    """A request of a user who logged in, or of a visitor who has this in the session."""
    user = Mock(is_authenticated=bool(login), username=login)
    return Mock(user=user, session=Session(kept))


def signed_in(**changed: Any) -> dict[str, Any]:
    """The content of a session of the club."""
    note = {'address': CLUB, 'mark': 'm', 'until': time.time() + SECONDS, **changed}
    return {'email-mailbox': note, 'email-undo': 'x'}


@pytest.fixture(name='root', autouse=True)
def fixture_root(monkeypatch: pytest.MonkeyPatch) -> Mock:
    root = Mock()
    monkeypatch.setattr(visitor, 'privileged', root)
    return root


def test_a_login_and_a_sign_in_are_two_things() -> None:
    assert visitor_of(request()) is None
    assert visitor_of(request(**signed_in())) == Visitor(CLUB, alone=True)
    assert visitor_of(request(CLUB)) == Visitor(CLUB) != Visitor(CLUB, alone=True)


def test_a_login_drops_what_a_mailbox_left_in_the_session() -> None:
    asked = request('alice', other=1, **signed_in())
    assert visitor_of(asked) == Visitor('alice')
    assert asked.session == {'other': 1}


def test_a_session_ends_when_its_time_or_root_says_so(root: Mock) -> None:
    late = request(**signed_in(until=time.time() - 1))
    assert visitor_of(late) is None
    assert late.session == {}
    root.mailbox_signed_in.side_effect = MailError('session-invalid', '')
    ended = request(**signed_in())
    assert visitor_of(ended) is None
    assert ended.session == {}


def test_while_the_directory_is_silent_no_one_is_let_in_or_signed_out(root: Mock) -> None:
    root.mailbox_signed_in.side_effect = MailError('directory-down', '')
    asked = request(**signed_in())
    with pytest.raises(MailError):
        visitor_of(asked)
    assert 'email-mailbox' in asked.session


def test_a_page_of_ones_own_asks_first_who_is_there() -> None:
    own = [each for each in urls.urlpatterns if each.name == 'undo' or each.name.startswith('my')]
    assert len(own) > 5
    for each in own:
        classes = each.callback.view_class.__mro__
        assert next(base for base in classes if 'dispatch' in vars(base)) is UserPage, each.name
