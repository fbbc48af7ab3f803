# SPDX-License-Identifier: AGPL-3.0-or-later
"""The services mail needs, and the consequence of each one's failure."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from .mark import gettext_noop as _
from .text import Text


@dataclass(frozen=True)
class Part:
    """One service mail needs: its work, and the consequence of its failure."""

    unit: str
    name: str
    does: Text
    failing: str
    answer: str


PARTS = (
    Part(
        'postfix',
        'Postfix',
        gettext_lazy('Receives and sends mail.'),
        _("Mail can't be sent or received."),
        _("Mail can't be sent or received."),
    ),
    Part(
        'dovecot',
        'Dovecot',
        gettext_lazy('Stores and serves mailboxes (IMAP).'),
        _("Users can't read mail. New mail is queued and will be delivered once it runs."),
        _("Mail can't be read."),
    ),
    Part(
        'rspamd',
        'Rspamd',
        gettext_lazy('Filters spam.'),
        _(
            'Incoming and outgoing mail is held until the filter is back; nothing is delivered '
            'unfiltered.'
        ),
        _('All mail is held.'),
    ),
    Part(
        'freedombox-email-redis',
        'Redis',
        gettext_lazy("Stores the spam filter's data."),
        _('Mail from other servers is put off (451) until Redis runs. Users can still send.'),
        _('Mail from other servers is put off.'),
    ),
    Part(
        'slapd',
        'OpenLDAP',
        gettext_lazy('Holds users and addresses.'),
        _("Mail is held, and users can't log in."),
        _("Mail is held, and users can't log in."),
    ),
)
