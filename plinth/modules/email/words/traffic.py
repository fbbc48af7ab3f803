# SPDX-License-Identifier: AGPL-3.0-or-later
"""Words for mail traffic in numbers."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from .mark import ngettext_noop as ngettext
from .text import Text

NUMBERS: Mapping[str, Text] = {
    'incoming': _('Received'),
    'outgoing': _('Sent'),
    'spam': _('Spam'),
    'refused': _('Rejected'),
    'deferred': _('Delayed'),
    'queue': _('Queue'),
}
"""Names of the numbers of a time."""
SPANS: Mapping[str, Text] = {'day': _('Day'), 'week': _('Week'), 'month': _('Month')}
LAST: Mapping[str, Text] = {
    'day': _('Last 24 hours'),
    'week': _('Last 7 days'),
    'month': _('Last 30 days'),
}
SUM: Mapping[str, tuple[str, str]] = {
    'incoming': ngettext('{count} message received', '{count} messages received'),
    'outgoing': ngettext('{count} message sent', '{count} messages sent'),
    'spam': ngettext('{count} message was spam', '{count} messages were spam'),
    'refused': ngettext('{count} message rejected', '{count} messages rejected'),
    'deferred': ngettext('{count} message delayed', '{count} messages delayed'),
}
CHARTS: Mapping[str, Text] = {
    'messages': _('Received and sent messages'),
    'trouble': _('Spam, rejected and delayed messages'),
    'queue': _('Messages in the queue'),
    'used': _('Storage used by all mailboxes'),
}
LONGEST_QUEUE = ngettext(
    'At most {count} message at a time.', 'At most {count} messages at a time.'
)
NOW_USED = _('{size} on the last day.')
UNKNOWN_SUM = _('Nothing was counted in this time.')
METRICS_ON = _('Metrics are on.')
METRICS_OFF = _('Metrics are off.')
WEEKLY_ON = _('You get the weekly report from Monday on.')
WEEKLY_OFF = _('You no longer get the weekly report.')
USAGE_OF = _('Report on the use of {address}')
USAGE_ON = _('A report on the use of {address} is sent every Monday.')
USAGE_OFF = _('No report on the use of {address} is sent.')
