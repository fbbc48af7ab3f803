# SPDX-License-Identifier: AGPL-3.0-or-later
"""Words of the daily message about possible spam in quarantine."""

from .mark import gettext_noop as _

SUBJECT = _('[FreedomBox] New messages in quarantine for {address}: {count}')
DIGEST = _(
    'The spam filter is not sure about these messages for {address}.\n'
    'They are in quarantine:\n'
    '\n'
    '{messages}\n'
    '\n'
    'Each link does one thing with one message. It works for {days} days and without a\n'
    'password. Links to this box begin with {start}\n'
    '\n'
    'My email > Spam > Quarantine shows all messages in quarantine. They are deleted after\n'
    '{kept} days.'
)
ONE = _('From:     {sender}\nSubject:  {subject}\nReceived: {received}\nReason:   {reason}')
POINTS = _('{points} points in the spam filter; {likely} or more mean likely spam')
UNSURE = _('possible spam')
NO_SUBJECT = _('(no subject)')
LINKS = {
    'release': _('Release:  {link}'),
    'allow': _('Release, and allow the sender from now on:\n          {link}'),
    'delete': _('Delete:   {link}'),
}
MORE = _('More messages that are not listed here: {count}')
