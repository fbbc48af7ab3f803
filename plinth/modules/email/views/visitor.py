# SPDX-License-Identifier: AGPL-3.0-or-later
"""The visitor of the users' pages: a FreedomBox user, or a stand-alone mailbox signed in.

FreedomBox's login is one thing and our sign-in another: the latter is a note in the session, read
here and nowhere else, so it opens no page of FreedomBox. Where both are in one session, the login
counts and the sign-in is dropped. Each request has root look whether the password is still the one
the session began with.

DIAGNOSTICS
    What root says of a directory that is silent.
"""

import time
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from .. import privileged
from ..directory.verbs.mailboxes import SignedIn
from ..errors import MailError

SECONDS = 12 * 3600
"""How long a sign-in lasts at the most."""

_KEY = 'email-mailbox'
_OURS = 'email-'


@dataclass(frozen=True)
class Visitor:
    """The owner of the page: the name of a user, or the address of a stand-alone mailbox."""

    name: str
    alone: bool = False

    @property
    def whose(self) -> dict[str, Any]:
        """The arguments by which root's verbs know the visitor."""
        return {'user': self.name, 'alone': self.alone}


def sign_in(request: HttpRequest, address: str, password: str) -> None:
    """Begin a session of a stand-alone mailbox, with a new key and nothing of the one before."""
    answer = privileged.mailbox_sign_in(address, password, _log_error=False)
    found = SignedIn.from_json(answer)
    request.session.flush()
    request.session[_KEY] = {**found.to_json(), 'until': time.time() + SECONDS}
    request.session.set_expiry(SECONDS)
    rotate_token(request)


def sign_out(request: HttpRequest) -> None:
    """End the session of a stand-alone mailbox; a login of FreedomBox is not ours to end."""
    if not request.user.is_authenticated:
        request.session.flush()


def visitor_of(request: HttpRequest) -> Visitor | None:
    """The visitor of a page, None for a stranger."""
    if request.user.is_authenticated:
        _drop_sign_in(request)
        return Visitor(str(request.user.username))
    kept = request.session.get(_KEY)
    if not kept:
        return None
    if not _holds(kept):
        request.session.flush()
        return None
    return Visitor(str(kept['address']), alone=True)


def _holds(kept: dict[str, Any]) -> bool:
    """Whether a session goes on."""
    if time.time() >= kept['until']:
        return False
    try:
        privileged.mailbox_signed_in(kept['address'], kept['mark'], _log_error=False)
    except MailError as error:
        if error.code != 'session-invalid':
            raise
        return False
    return True


def _drop_sign_in(request: HttpRequest) -> None:
    """Forget a stand-alone mailbox that was signed in before a user logged in."""
    if _KEY in request.session:
        keys = tuple(request.session.keys())
        for key in keys:
            if key.startswith(_OURS):
                del request.session[key]
        request.session.set_expiry(None)
