# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences about the test message that goes out and comes back, and about its results."""

from .mark import gettext_noop as _
from .mark import ngettext_noop as ngettext

SUBJECT = _('Test message')
TEXT = _(
    'This message was sent during the setup of a mail server.\n'
    'Please reply to it. The reply shows that mail goes out and comes back.'
)
SENT = _('Sent a test message to {address}. Reply to it there.')

NAMES = {
    'spf': 'SPF',
    'dkim': 'DKIM',
    'dmarc': 'DMARC',
    'tls': _('Encryption (TLS)'),
    'reverse': _('Host name (PTR)'),
}

RESULTS: dict[str, str] = {
    'spf.pass': _('The server that sent the message may send for {domain}.'),
    'spf.fail': _(
        "The server that sent the message isn't listed in the SPF record of {domain}. "
        'Many servers reject or mark such mail.'
    ),
    'spf.neutral': _("The SPF record of {domain} doesn't say whether this server may send."),
    'spf.none': _('No SPF record of {domain} was found.'),
    'dkim.pass': _('The signature of {domain} is valid: nothing was changed on the way.'),
    'dkim.fail': _(
        'The signature of {domain} is not valid. Its DKIM record is missing or wrong, or the '
        'message was changed on the way.'
    ),
    'dkim.neutral': _("The signature of {domain} couldn't be judged."),
    'dkim.none': _('The message was not signed.'),
    'dmarc.pass': _('The message really comes from {domain}.'),
    'dmarc.fail': _(
        'Nothing proves that the message comes from {domain}. Many servers reject or mark such '
        'mail.'
    ),
    'dmarc.neutral': _("The DMARC record of {domain} couldn't be applied."),
    'dmarc.none': _('No DMARC record of {domain} was found.'),
    'tls.pass': _('The message was encrypted on its way to {host}.'),
    'tls.none': _(
        "The message was not encrypted on its way to {host}. That server doesn't offer it, or "
        'something in between keeps it out.'
    ),
    'reverse.same': _("This server's address has the host name {host}."),
    'reverse.other': _(
        "This server's address has the host name {domain}, but mail is sent as {host}. Most "
        'servers accept that.'
    ),
    'reverse.none': _(
        "No valid host name of this server's address was found. Many servers reject or mark such "
        'mail. Have your internet provider set it to {host}.'
    ),
    'error': _("The DNS records of {domain} couldn't be read at that moment."),
    'wrong': _('The DNS record of {domain} has an error.'),
    'missing': _('Not reported.'),
}
"""The meaning of a result, by method and result."""

SAME = {'softfail': 'fail', 'temperror': 'error', 'permerror': 'wrong'}
"""Results that are said like another one."""
UNKNOWN_DOMAIN = _('the sender')


def code(method: str, result: str) -> str:
    """The code of the sentence for a result."""
    said = SAME.get(result, result)
    return said if said in RESULTS else f'{method}.{said}'


PASSED = ngettext('{passed} of {count} check passed', '{passed} of {count} checks passed')
UNTOLD = ngettext(
    "{count} more was not reported. It doesn't count.",
    "{count} more were not reported. They don't count.",
)
