# SPDX-License-Identifier: AGPL-3.0-or-later
"""Titles and purposes of DNS records."""

from django.utils.translation import gettext_lazy as _

MX = (
    _('Mail server (MX)'),
    _('Tells other mail servers where to deliver mail for the domain.'),
)
ADDRESS = (
    _('Address of the mail server (A, AAAA)'),
    _('Maps the server name to its IP address.'),
)
KEY = _('Signing key (DKIM, {kind})')
KEY_PURPOSE = _('Lets other servers verify that messages come from your domain unchanged.')
NEXT_KEY = _('Next signing key (DKIM, {kind})')
NEXT_KEY_PURPOSE = _(
    'Used automatically once all your name servers have had it for a while. Add it, and '
    'keep the current key too.'
)
OLD_KEY = _('Previous signing key (DKIM, {kind})')
OLD_KEY_PURPOSE = _(
    'Messages signed with it may still be on their way. Keep it until this page says that '
    'you can delete it.'
)
SPF = (
    _('Allowed sending servers (SPF)'),
    _('Tells other mail servers which servers may send mail for the domain.'),
)
DMARC = (
    _('Policy for spoofed mail (DMARC)'),
    _(
        'Tells other mail servers how to treat mail that only claims to come from the '
        'domain, and asks for reports.'
    ),
)
MTA_STS = (
    _('Encrypted delivery (MTA-STS)'),
    _('Tells other mail servers that there is a policy for encrypted delivery.'),
)
POLICY_HOST = (
    _('Policy host (MTA-STS)'),
    _('Points other mail servers to the policy file, which is served automatically.'),
)
TLS_RPT = (
    _('Reports on failed encryption (TLS-RPT)'),
    _('Asks other mail servers to report when encrypted delivery fails.'),
)
TLSA = _('Certificate key pin (TLSA, DANE)')
NEXT_TLSA = _('Next certificate key pin (TLSA, DANE)')
TLSA_PURPOSE = _('Lets other mail servers verify that they are talking to the right server.')
CAA = (
    _('Who may issue certificates (CAA)'),
    _("Allows only Let's Encrypt to issue certificates for this domain."),
)
IMAPS = _('Incoming server for mail apps (IMAP)')
SUBMISSIONS = _('Outgoing server for mail apps (SMTP)')
POP3S = _('Incoming server for mail apps (POP3)')
SIEVE = _('Server-side filters (ManageSieve)')
OUTLOOK = _('Settings for Outlook (autodiscover)')
APP_PURPOSE = _('Lets mail apps configure themselves.')
THUNDERBIRD = (
    _('Settings for Thunderbird and other apps (autoconfig)'),
    _('Points mail apps to their settings. This name needs no certificate.'),
)
CLIENT_HOST = (
    _('Host name for mail apps'),
    _('Mail apps connect to this name. It moves to another server with the domain.'),
)
OUTLOOK_SRV_PURPOSE = _('Points Outlook to its settings at a name that has a certificate.')
OUTLOOK_PURPOSE = _('Points Outlook to its settings. There is a certificate for this name.')
