# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences on the spam filter and what it learned."""

from django.utils.translation import gettext_lazy as _

from .mark import ngettext_noop as ngettext

USED = _('The filter uses what it learned from your mail')
NOT_YET = _('The filter is still learning')
NOT_KNOWN = _("Can't tell what the filter learned")
LEARNED_JUNK = ngettext('{count} junk message', '{count} junk messages')
LEARNED_WANTED = ngettext('{count} wanted message', '{count} wanted messages')
LEARNED = _('Learned so far: {junk} and {wanted}.')
MORE_JUNK = ngettext('{count} more junk message', '{count} more junk messages')
MORE_WANTED = ngettext('{count} more wanted message', '{count} more wanted messages')
MISSING_ONE = _('It starts to judge your mail by them after {messages}.')
MISSING_BOTH = _('It starts to judge your mail by them after {junk} and {wanted}.')
LEARNED_NOW = _('Learned from {junk} and {wanted}.')
LEARNED_PART = _('Learned from {junk} and {wanted}. There was not enough time for all of them.')
NOTHING_NEW = _('There are no stored messages that the filter does not know yet.')
IMPORTED = _('Imported what the filter learned into {address}.')
FORGET = _('Forget what the filter learned from {key}?')
FORGOTTEN = _('The filter forgot what it learned from {address}.')
