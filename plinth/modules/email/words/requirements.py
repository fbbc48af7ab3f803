# SPDX-License-Identifier: AGPL-3.0-or-later
"""Needs of email, told before it is installed."""

from django.utils.translation import gettext_lazy as _

ALWAYS_ON = _('{box_name} should always be on. Other servers retry for a few days, then give up.')
MEMORY_LACKING = _(
    'Email needs 1 GB of memory. {box_name} has {there} MB: the installation will probably '
    'fail. Add memory first.'
)
MEMORY_ENOUGH = _('Email needs 1 GB of memory. {box_name} has {there} MB.')
MEMORY_UNKNOWN = _('Email needs 1 GB of memory.')
DYNAMIC_DNS = _(
    'If your internet address changes from time to time, set up Dynamic DNS first. Some mail '
    'servers reject mail from such addresses.'
)
PORTS = _(
    'Other mail servers must reach {box_name}: forward the ports 25, 80, 443, 465, 587 and 993 '
    'on your router.'
)
SUMMARY = _(
    'Runs your own mail server on {box_name}: every user gets an address at your domain, and '
    'mail is stored only here.'
)
PORT_25 = _(
    'Your internet provider must allow outgoing connections on port 25. Many block it on home '
    'connections, and some open it on request.'
)
DOMAIN = _(
    'You need a domain of your own, such as example.org, and have to enter some DNS records.'
)
