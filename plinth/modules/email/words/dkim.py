# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for the stages of signing keys (DKIM)."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

Value: TypeAlias = 'str | datetime | timedelta'

SENTENCES: dict[str, str | Promise] = {
    'signs': _('In use since {since}. Will be replaced around {due}.'),
    'lost': _('The private key is lost, so outgoing mail is not signed. Restore a backup, or '
              'replace the keys now.'),
    'signs-for-good': _('In use since {since}.'),
    'next-lacking': _('Not used yet: waiting for the records to appear on all name servers. '
                      'Missing on {servers}.'),
    'next-unseen': _('Not used yet: waiting for the records to appear on all name servers.'),
    'next-settling': _('Not used yet. All name servers have had the records since {since}, so the '
                       'key will be used in about {time}.'),
    'next-ready': _('Ready. Will be used around {due}.'),
    'old-in-use': _('Being replaced.'),
    'old': _('Not used since {since}, but messages signed with it may still be on their way. Keep '
             'the records for about {time}.'),
    'gone': _('No longer needed. You can delete its records.'),
    'gone-by-itself': _('No longer needed. Its records are being deleted.'),
}  # fmt: skip

_TO_THE_MINUTE = frozenset({'next-settling'})
"""Codes whose moments are told with the time of day."""


def _long(time: timedelta) -> str:
    """A length of time, never less than an hour: that is how often the box looks."""
    hours = max(1, math.ceil(time / timedelta(hours=1)))
    if hours < 48:
        return str(ngettext('{count} hour', '{count} hours', hours)).format(count=hours)
    days = math.ceil(hours / 24)
    return str(ngettext('{count} day', '{count} days', days)).format(count=days)


def _said(value: Value, form: str) -> str:
    """A value as the reader writes it."""
    if isinstance(value, timedelta):
        return _long(value)
    return str(date_format(value.astimezone(), form)) if isinstance(value, datetime) else value


def sentence(code: str, params: Mapping[str, Value]) -> str:
    """The sentence for a stage, in the language of the reader."""
    form = 'DATETIME_FORMAT' if code in _TO_THE_MINUTE else 'DATE_FORMAT'
    values = {name: _said(value, form) for name, value in params.items()}
    return str(SENTENCES[code]).format(**values)
