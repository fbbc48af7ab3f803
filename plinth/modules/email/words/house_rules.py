# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences about the rules of mailboxes, by the kinds of `directory/house_rules.py`."""

from .mark import gettext_noop as _
from .mark import ngettext_noop as ngettext

SENTENCES: dict[str, str | tuple[str, str]] = {
    'closed': _('Logins are rejected: “{sentence}”'),
    'expires': _('Expires after {day}'),
    'filters': ngettext('{count} filter', '{count} filters'),
    'filters-forward': _('Filters forward to {to}'),
    'forward': _('A copy of all mail goes to {to}'),
    'forward-no': _("Can't forward to other mail servers"),
    'forward-stopped': _('Forwarding to {to} was turned off'),
    'forward-yes': _('Can forward to other mail servers'),
    'guard-no-filters': _("The user can't change filters"),
    'guard-no-forwards': _("The user can't forward mail"),
    'guard-no-password': _("The user can't change the password"),
    'guard-open-1': _('Open on Monday: {times}'),
    'guard-open-2': _('Open on Tuesday: {times}'),
    'guard-open-3': _('Open on Wednesday: {times}'),
    'guard-open-4': _('Open on Thursday: {times}'),
    'guard-open-5': _('Open on Friday: {times}'),
    'guard-open-6': _('Open on Saturday: {times}'),
    'guard-open-7': _('Open on Sunday: {times}'),
    'guard-receives': ngettext(
        'Gets mail from {count} known correspondent and users of this server only',
        'Gets mail from {count} known correspondents and users of this server only',
    ),
    'guard-release': _('The user can approve waiting mail'),
    'guard-writes': ngettext(
        'Can send to {count} known correspondent and users of this server only',
        'Can send to {count} known correspondents and users of this server only',
    ),
    'guardians': _('Guardians: {names}'),
    'limit-first_time_day': ngettext(
        'At most {count} first-time recipient a day', 'At most {count} first-time recipients a day'
    ),
    'limit-recipients_day': ngettext(
        'At most {count} recipient a day', 'At most {count} recipients a day'
    ),
    'limit-recipients_hour': ngettext(
        'At most {count} recipient an hour', 'At most {count} recipients an hour'
    ),
    'members': _('Shared with {names}'),
    'quota': _('Quota: {size}'),
    'vacation': _('Automatic reply is on'),
    'vacation-days': _('Automatic reply until {last}'),
}


def english(kind: str, params: 'dict[str, object]') -> str:
    """The sentence of a rule, for programs without a reader's language."""
    text = SENTENCES[kind]
    chosen = text if isinstance(text, str) else text[params['count'] != 1]
    return chosen.format(**params)
