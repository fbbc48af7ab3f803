# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a box and its line need for email, told before anything is installed.

Measured: with 1 GB of memory 200 messages arrive, ten of 25 MB among them, and no program is
killed; with 768 MB the kernel kills the installation.
"""

from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..words.text import Text, with_box_name
from . import installation, memory

NEEDED_MB = 900
"""What a machine sold with 1 GB shows: the kernel and its firmware keep some for themselves."""


def _memory() -> str:
    """Whether this box has the memory, or what came of it when it had not."""
    if text := installation.cut_short():
        return installation.sentence(text)
    there = memory.there_mb()
    if there is None:
        return str(gettext('Email needs 1 GB of memory.'))
    if there < NEEDED_MB:
        text = gettext(
            'Email needs 1 GB of memory. {box_name} has {there} MB: the installation will probably '
            'fail. Add memory first.'
        )
    else:
        text = gettext('Email needs 1 GB of memory. {box_name} has {there} MB.')
    return str(with_box_name(text, there=there))


SUMMARY: Text = with_box_name(
    _(
        'Runs your own mail server on {box_name}: every user gets an address at your domain, and '
        'mail is stored only here.'
    )
)
DESCRIPTION: list[Text] = [
    SUMMARY,
    _('You need a domain of your own, such as example.org, and have to enter some DNS records.'),
    with_box_name(
        _(
            'Other mail servers must reach {box_name}: forward the ports 25, 80, 443, 465 and 993 '
            'on your router.'
        )
    ),
    _(
        'Your internet provider must allow outgoing connections on port 25. Many block it on home '
        'connections, and some open it on request.'
    ),
    with_box_name(
        _('{box_name} should always be on. Other servers retry for a few days, then give up.')
    ),
    _(
        'If your internet address changes from time to time, set up Dynamic DNS first. Some mail '
        'servers reject mail from such addresses.'
    ),
    lazy(_memory, str)(),
]
