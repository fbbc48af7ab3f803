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
FORWARD_STOPPED_SUBJECT = _('Forwarding turned off: {address}')
FORWARD_STOPPED = _(
    'Mail for {address} is no longer forwarded to {destination}.\n'
    '\n'
    'That address has accepted no mail for {days} days. Its mail server answered:\n'
    '\n'
    '    {reply}\n'
    '\n'
    'Mail that was not delivered was returned to its senders. Mail for {address} still reaches\n'
    'all other destinations.\n'
    '\n'
    'To forward mail again, enter a working address in the web interface under My email >\n'
    'Addresses, or ask your administrator.'
)
FORWARD_STOPPED_ALIAS = _(
    'The address {address} was turned off. It only forwarded mail to {destination}.\n'
    '\n'
    'That address has accepted no mail for {days} days. Its mail server answered:\n'
    '\n'
    '    {reply}\n'
    '\n'
    'Mail for {address} is now rejected, so that senders know.\n'
    '\n'
    'An administrator can enter a working destination and turn the address on again in the web\n'
    'interface under Apps > Email > Addresses.'
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
