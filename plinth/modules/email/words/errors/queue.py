# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of the mail queue."""

from ..mark import gettext_noop as _
from ..mark import ngettext_noop as ngettext

SENTENCES: dict[str, str | tuple[str, str]] = {
    'queue-changed': ngettext(
        '{count} message matches now, more than the {confirmed} you confirmed. Nothing was done.',
        '{count} messages match now, more than the {confirmed} you confirmed. Nothing was done.',
    ),
    'queue-changed.unconfirmed': ngettext(
        '{count} message ({size}) would be lost. To confirm, add --count={count}.',
        '{count} messages ({size}) would be lost. To confirm, add --count={count}.',
    ),
    'queue-failed': _('Postfix could not retry the queued messages.'),
    'queue-failed.list': _('Postfix could not list the mail queue. Try again in a minute.'),
    'queue-failed.move': _('Postfix could not change the mail queue.'),
    'queue-filter-invalid': _('The mail queue has no such messages.'),
    'queue-id-invalid': _('Enter message IDs as “freedombox-email queue list” shows them.'),
    'queue-id-invalid.many': _('Enter at most {most} message IDs at a time.'),
    'queue-unknown': _('Could not read from Postfix how long mail stays in the queue.'),
    'queued-missing': _(
        'The message {name} is no longer in the queue. It was delivered, returned or deleted.'
    ),
    'queued-missing.none': _('No such messages are in the queue.'),
    'usage-invalid.no-messages': _(
        'Give message IDs, --to, --from, --deferred, --held or --all to say which messages.'
    ),
    'usage-invalid.two-ways': _('Give either message IDs, an address, or options.'),
}
