# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages to administrators about problems of the mail system.

Root's programs send them, which know no reader's language: they are in English.
"""

from .mark import gettext_noop as _
from .mark import ngettext_noop as ngettext

PROBLEM_SUBJECT = ngettext('[FreedomBox] {title}', '[FreedomBox] {count} mail problems: {title}')
SOLVED_SUBJECT = ngettext(
    '[FreedomBox] Solved: {title}', '[FreedomBox] {count} mail problems solved: {title}'
)
PROBLEMS = _('The mail system has problems:')
SOLVED = _('These problems are solved:')
ALSO_SOLVED = _('Solved:')
SINCE = _('Since {time}')
MORE = _(
    'All checks are in the web interface under Apps > Email > Health.\n'
    'In a shell: freedombox-email check\n'
    '\n'
    'A problem is reported once, and once more when it is solved.'
)
CODE_SUBJECT = _('[FreedomBox] Code to confirm this address: {code}')
CODE = _(
    'An administrator of the mail server for {domain} wants to be told at this address when\n'
    'mail stops.\n'
    '\n'
    'Code:  {code}\n'
    '\n'
    'Enter the code in the web interface under Apps > Email > Health > Notifications within\n'
    'an hour. If you do not know this mail server, ignore this message: nothing else is sent\n'
    'to you without the code.'
)
