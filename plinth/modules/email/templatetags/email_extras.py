# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tags and filters of the app's templates, beyond Django's and FreedomBox's."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..clients import servers
from ..words.text import Sentence

register = template.Library()

_MOMENT_AGO = timedelta(minutes=1)


def relative(when: datetime, now: datetime) -> str:
    """How far a moment is away, in its largest unit only."""
    if abs(when - now) < _MOMENT_AGO:
        return str(_('just now'))
    if when < now:
        return str(_('{time} ago').format(time=timesince(when, now, depth=1)))
    return str(_('in {time}').format(time=timeuntil(when + _MOMENT_AGO, now, depth=1)))


@register.simple_tag
def moment(when: datetime) -> SafeString:
    """A moment as people say it; the exact one is a tip and is read to the blind."""
    exact = date_format(timezone.localtime(when), 'DATETIME_FORMAT')
    return format_html(
        '<time datetime="{}" title="{}">{}<span class="visually-hidden"> ({})</span></time>',
        when.isoformat(),
        exact,
        relative(when, datetime.now(UTC)),
        exact,
    )


@register.simple_tag
def mail_server(kind: str) -> servers.Server:
    """The server a mail program should use for reading, sending or filters."""
    return {'imap': servers.IMAP, 'smtp': servers.OUTGOING[0], 'sieve': servers.SIEVE}[kind]


@register.filter
def stored(size: int) -> str:
    """An amount of mail in the units of quotas: a MB is a million bytes."""
    for unit, text in ((10**9, _('{size} GB')), (10**6, _('{size} MB')), (10**3, _('{size} kB'))):
        if size >= unit:
            return str(text).format(size=number_format(size / unit, 1))
    return str(ngettext('{size} byte', '{size} bytes', size)).format(size=size)


@register.filter
def stored_mb(megabytes: int | None) -> str:
    """Megabytes in the same units, `?` for an amount that can't be seen."""
    return '?' if megabytes is None else stored(megabytes * 10**6)


@register.filter
def stored_change(size: int) -> str:
    """How much more or less is stored than before."""
    sign = '+' if size > 0 else '\N{MINUS SIGN}' if size < 0 else ''
    return f'{sign}{stored(abs(size))}'


@register.filter
def breakable(text: str) -> SafeString:
    """An address that breaks after its @ rather than anywhere, where it has to."""
    local, at, domain = text.rpartition('@')
    return format_html('{}{}<wbr>{}', local, at, domain) if at else format_html('{}', text)


@register.filter
def said(kept: Mapping[str, Any] | str) -> str:
    """A sentence kept in a notification, in the language of the reader."""
    return kept if isinstance(kept, str) else str(Sentence.from_json(kept))
