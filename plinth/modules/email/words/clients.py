# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences about mail apps and their settings.

Root's programs write `PROFILE` into a profile: it is in English.
"""

from .mark import gettext_noop as _
from .mark import ngettext_noop as ngettext

PROFILE = _('Sets up your mail on this device. Remove the profile to remove the account.')

GIVEN: dict[str, str] = {
    'settings': _('Got the settings of {domain}'),
    'referral': _('Told where the settings of {domain} are'),
    'unknown': _('Got nothing: {domain} is not a mail domain of this box'),
    'invalid': _('Got nothing: the request was invalid'),
    'failed': _('Got nothing: the directory did not answer'),
}
"""The answer an app got, by `clients.setup_requests.Given`."""

PROTOCOLS: dict[str, str] = {
    'autoconfig': _('as Thunderbird and most apps ask (autoconfig)'),
    'autodiscover': _('as Outlook asks (autodiscover)'),
    'autodiscover-v2': _('as newer Outlooks ask (autodiscover v2)'),
    'profile': _('profile for iPhone, iPad or Mac'),
}
SERVERS: dict[tuple[str, int], str] = {
    ('imap', 993): _('Incoming mail (IMAP)'),
    ('smtp', 465): _('Outgoing mail (SMTP)'),
    ('pop3', 995): _('Incoming mail, instead of IMAP (POP3)'),
    ('smtp', 587): _('Outgoing mail, instead of port 465 (SMTP)'),
    ('sieve', 4190): _('Server-side filters (ManageSieve)'),
}
"""The uses of servers, by their kinds and ports."""

TOO_MANY_KEYS = _('Too many wrong keys. Try again in ten minutes.')
TOO_LONG = _('The request is too long.')
NO_JSON = _('The request is not a JSON object.')
NO_TEXT = _('The request has another value where a text belongs.')
POST_ONLY = _('Only the method POST makes an address.')
NO_DOMAIN = _('no domain')
TIMES = ngettext('{count} time', '{count} times')
