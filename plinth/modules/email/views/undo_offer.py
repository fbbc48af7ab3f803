# SPDX-License-Identifier: AGPL-3.0-or-later
"""Taking back the last change made on a page.

The undoing calls are kept on the server, in the session of the person who made the change, and
offered once on the next page. The root actions that take back check everything like any other; a
change by another person that came after is not overwritten, because each call names the
version it takes back.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.http import HttpRequest
from freedombox.utils import is_user_admin

from .. import privileged
from ..errors import MailError
from ..sync import signals
from .visitor import Visitor

_KEY = 'email-undo'

ADMIN_VERBS = (
    'alias_add',
    'alias_change',
    'alias_remove',
    'catch_all_set',
    'common_filters_set',
    'domain_change',
    'domain_remove',
    'domain_set_primary',
    'end_set',
    'guard_remove',
    'guard_set',
    'handover_set',
    'mailbox_add',
    'mailbox_change',
    'mailbox_unfreeze',
    'members_set',
    'route_set',
    'usage_report_set',
)
FOLLOWED_VERBS = ('domain_change', 'domain_remove', 'domain_set_primary', 'route_set')
"""Verbs that the mail services have to follow; addresses they read in the directory."""
USER_VERBS = (
    'own_alias_add',
    'own_alias_change',
    'own_alias_remove',
    'own_filters',
    'own_label_folders',
    'own_mailbox_forward',
    'own_quarantine_set',
    'own_vacation',
    'own_weekly_report',
)


@dataclass(frozen=True)
class Call:
    """One root action that takes something back."""

    verb: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a call that undoes nothing."""
        if self.verb not in ADMIN_VERBS + USER_VERBS:
            raise ValueError(f'{self.verb} cannot take anything back.')


def offer(request: HttpRequest, text: str, calls: Iterable[Call]) -> None:
    """Keep the calls that undo a change; `text` tells the change."""
    request.session[_KEY] = {'text': str(text), 'calls': [asdict(call) for call in calls]}


def notice(request: HttpRequest) -> str:
    """The change that can be undone, if it was not told before."""
    kept = request.session.get(_KEY)
    if not kept or kept.get('shown'):
        return ''
    request.session[_KEY] = {**kept, 'shown': True}
    return str(kept['text'])


def take_back(request: HttpRequest, visitor: Visitor) -> None:
    """Undo the last change of the visitor, as far as they still may."""
    kept = request.session.pop(_KEY, None)
    if not kept:
        raise MailError('undo-missing')
    for call in (Call(**each) for each in kept['calls']):
        whose = Visitor(call.arguments.get('user', ''), bool(call.arguments.get('alone')))
        own = call.verb in USER_VERBS and whose == visitor
        if not own and not is_user_admin(request):
            raise MailError('undo-missing.administrator')
        getattr(privileged, call.verb)(**call.arguments, _log_error=False)
        if call.verb in FOLLOWED_VERBS:
            signals.request_all(visitor.name)
