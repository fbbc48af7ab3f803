# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages this app sends by mail.

Root's programs send them, which know no reader's language: they are in English.
"""

from .mark import gettext_noop as _
from .mark import ngettext_noop as ngettext

PASSWORD_SUBJECT = _('New app password: {device}')
PASSWORD = _(
    'A new app password was created. It can be used to read your mail and to send mail\n'
    'from your address.\n'
    '\n'
    'Device:       {device}\n'
    'Created:      {created}\n'
    'Starts with:  {start}\n'
    '\n'
    'If you created it, you can ignore this message.\n'
    '\n'
    'If you did not create it, someone else may know your password. Revoke the app password\n'
    'in the web interface under My email > Devices. Then change your password and tell your\n'
    'administrator.'
)
DNS_NO_PROBLEMS = _('[FreedomBox] DNS check for {domain}: no problems')
DNS_PROBLEMS = ngettext(
    '[FreedomBox] DNS check for {domain}: {count} problem',
    '[FreedomBox] DNS check for {domain}: {count} problems',
)
DNS_CHANGES = _('The daily DNS check for {domain} found changes:')
DNS_MORE = _(
    'To copy the values or to check again, open the DNS records of the domain in the web\n'
    'interface under Apps > Email > Domains, or run: freedombox-email dns show {domain}'
)
