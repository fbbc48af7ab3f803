# SPDX-License-Identifier: AGPL-3.0-or-later
"""Titles and purposes of checks besides DNS records."""

from django.utils.translation import gettext_lazy as _

DOMAIN = (
    _('Domain registration and name servers'),
    _('The domain must be registered, and its name servers must answer.'),
)
DNSSEC = (
    _('Zone signatures (DNSSEC)'),
    _("If a zone is signed, the signatures must be valid. Otherwise many servers can't see it."),
)
REVERSE = (
    _('Reverse DNS (PTR)'),
    _(
        'Many servers reject mail from an IP address without a matching host name (HELO). '
        'Ask your internet or hosting provider to set it.'
    ),
)
PORT_25 = (
    _('Outgoing connections (port 25)'),
    _('Outgoing mail uses port 25, which many internet providers block.'),
)
REACH = (
    _('Incoming connections (port 25)'),
    _('Other mail servers deliver to port 25. Only another server can test whether it is open.'),
)
PORTS = (
    _('Connections of mail apps (ports 443, 465, 587 and 993)'),
    _('Mail apps outside your network need them. Only another server can test whether they are '
      'open.'),
)  # fmt: skip
LISTS = (
    _('Block lists'),
    _('Servers on these lists are treated as spam sources.'),
)
CERTIFICATE = (
    _('Certificate'),
    _('Mail apps and other servers check that it matches the name they connect to.'),
)
POLICY = (
    _('Policy file (MTA-STS)'),
    _('Other mail servers fetch it, and must trust the certificate used there.'),
)
THUNDERBIRD = (
    _('Automatic setup of Thunderbird and other apps (autoconfig)'),
    _(
        'These apps look for settings at the name autoconfig in front of the domain, then '
        'at the domain itself. They use the first settings they find.'
    ),
)
OUTLOOK = (
    _('Automatic setup of Outlook (autodiscover)'),
    _(
        'Outlook looks for settings at the domain itself, then at the name autodiscover in '
        'front of it, then at the host in the SRV record. Each name needs a certificate.'
    ),
)
VALIDATION = (
    _('Checking of other domains (DNSSEC)'),
    _(
        'Some mail servers publish their encryption key (DANE). Mail to them is only '
        'protected from interception if DNSSEC signatures are checked.'
    ),
)
CLOCK = (
    _('Clock'),
    _('With a wrong clock, signatures and certificates seem invalid.'),
)
