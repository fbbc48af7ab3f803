# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences about households that are kept out, and the rules they broke."""

from .mark import gettext_noop as _
from .mark import ngettext_noop as ngettext

BY_JAIL: dict[str, str] = {
    'freedombox-email-guesses': _('Guessed mail passwords'),
    'freedombox-email-passwords': _('Guessed passwords on a web page'),
    'freedombox-email-console': _('Looked for the console of the spam filter'),
    'freedombox-email-by-hand': _('Blocked by an administrator'),
    'refused': _('Guessed mail passwords; only its logins are rejected'),
}
"""Why a household is kept out, by the jail it is in."""

RULES: dict[str, str] = {
    'freedombox-email-guesses': _(
        'Mail apps (IMAP, POP3, ManageSieve, SMTP): {tries} different wrong passwords within '
        '{window}. The same wrong password again does not count.'
    ),
    'freedombox-email-passwords': _(
        'Email pages: {tries} wrong passwords or password links within {window}.'
    ),
    'freedombox-email-console': _(
        'Console of the spam filter, which does not exist here: {tries} requests within {window}.'
    ),
    'freedombox-email-by-hand': _('Addresses that an administrator blocks.'),
}
BLOCKED_FOR = _('Blocked for {time}.')
BLOCKED_FOREVER = _('Blocked until you unblock them.')
NOT_RUNNING = _('This rule is not in effect.')

MINUTES = ngettext('{count} minute', '{count} minutes')
HOURS = ngettext('{count} hour', '{count} hours')
DAYS = ngettext('{count} day', '{count} days')

NONE_BLOCKED = _('No addresses are blocked')
SOME_BLOCKED = ngettext(
    '{count} address or network is blocked', '{count} addresses or networks are blocked'
)
NOT_ALL_RULES = _('Not all rules against guessing are in effect')
CANT_TELL = _("Blocked logins can't be shown")

BLOCKED = _('Blocked {network}.')
UNBLOCKED = _('Unblocked {network}.')

HOUR = 3600
DAY = 86_400


def duration(seconds: int) -> tuple[tuple[str, str], int]:
    """The phrase for a time in its largest whole unit, and the number in it."""
    for phrase, unit in ((DAYS, DAY), (HOURS, HOUR)):
        if seconds >= unit and seconds % unit == 0:
            return phrase, seconds // unit
    return MINUTES, max(1, round(seconds / 60))
