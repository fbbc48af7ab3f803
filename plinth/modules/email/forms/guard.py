# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms for guarded mailboxes, and for mail that waits beside them."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..directory.guard import ACTS, Act, Guard, correspondent
from ..directory.open_hours import OpenHours, OpenRange, parse_times, written_times
from ..errors import MailError
from ..rules.guarding import DECISIONS
from ..words.guards import OPEN_ON
from .base import MailForm
from .fields import LinesField

_PLAIN = {'autocapitalize': 'none', 'autocomplete': 'off', 'spellcheck': 'false', 'dir': 'ltr'}
_WEEK = range(1, 8)
"""Days of the week, from Monday."""
_HOURS = _(
    'Times like 15:00-19:00, 20:00-21:00. On days without times, the mailbox stays closed. Leave '
    'all days empty to have it always open.'
)


class KnownField(LinesField):
    """Correspondents: addresses, and domains with an @ before them."""

    def clean(self, value: Any) -> list[str]:
        """The correspondents in their normal form."""
        try:
            return [correspondent(each) for each in super().clean(value)]
        except MailError as error:
            raise ValidationError(error.sentence, code=error.code) from error


class TimesField(forms.CharField):
    """Times of one day of the week."""

    is_beside = True

    def __init__(self, day: int, **options: Any) -> None:
        self.day = day
        widget = forms.TextInput(attrs=_PLAIN)
        super().__init__(required=False, max_length=200, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        """Ranges as the text to begin with."""
        return value if isinstance(value, str) else written_times(value or ())

    def clean(self, value: Any) -> tuple[OpenRange, ...]:
        """The ranges of the day, in order."""
        try:
            return OpenHours(parse_times(self.day, super().clean(value))).ranges
        except MailError as error:
            raise ValidationError(error.sentence, code=error.code) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other times are meant than before."""
        return bool(self.prepare_value(initial) != (data or ''))


class GuardForm(MailForm):
    """The rules of a guarded mailbox."""

    rare = (
        *(f'day_{day}' for day in _WEEK),
        'may_release', 'may_filters', 'may_password', 'may_forwards',
    )  # fmt: skip
    usual: ClassVar[dict[str, object]] = {'may_filters': True, 'may_password': True}
    culprits: ClassVar[dict[str, str]] = {
        'user-missing': 'guardians',
        'user-invalid': 'guardians',
        'name-invalid': 'guardians',
        'guard-invalid': 'guardians',
        'list-too-long': 'known',
    }

    guardians = LinesField(
        label=_('Guardians'),
        required=False,
        help_text=_(
            'User names, one per line, or addresses of mailboxes without an account. They approve '
            'mail from unknown senders.'
        ),
    )
    receives_known = forms.BooleanField(
        label=_('Accept mail from known correspondents only'),
        required=False,
        help_text=_('Mail from all others waits until a guardian approves it.'),
    )
    known = KnownField(
        label=_('Known correspondents'),
        required=False,
        help_text=_(
            'One per line: grandma@example.com, or @school.example for a whole domain. Everyone '
            'with an address on this server is known.'
        ),
    )
    writes_known = forms.BooleanField(
        label=_('Send mail to known correspondents only'),
        required=False,
        help_text=_('Mail to others is rejected when it is sent.'),
    )
    may_release = forms.BooleanField(label=_('The user can approve waiting mail'), required=False)
    may_filters = forms.BooleanField(
        label=_('The user can change filters and automatic replies'), required=False
    )
    may_password = forms.BooleanField(
        label=_('The user can change the password'),
        required=False,
        help_text=_(
            'Applies to mailboxes with a password of their own. Users with a FreedomBox account '
            "can always change it on FreedomBox's own page."
        ),
    )
    may_forwards = forms.BooleanField(
        label=_('The user can forward mail'),
        required=False,
        help_text=_('Not possible while mail is accepted from known correspondents only.'),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in _WEEK:
            help_text = _HOURS if day == _WEEK[-1] else ''
            self.fields[f'day_{day}'] = TimesField(day, label=OPEN_ON[day - 1], help_text=help_text)

    def clean(self) -> dict[str, Any]:
        """Refuse rules that contradict each other."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get('may_forwards') and data.get('receives_known'):
            self.add_error('may_forwards', MailError('guard-invalid.forward').sentence)
        return data

    def guard(self, guardians: tuple[str, ...]) -> Guard:
        """The rules, with guardians by their identities."""
        data = self.cleaned_data
        may: tuple[Act, ...] = tuple(each for each in ACTS if data[f'may_{each}'])
        return Guard(
            guardians, tuple(data['known']), data['receives_known'], data['writes_known'], may,
            OpenHours(tuple(each for day in _WEEK for each in data[f'day_{day}'])).texts,
        )  # fmt: skip


def values_of(guard: Guard) -> dict[str, Any]:
    """The values of a guard in the form, but for its guardians."""
    return {
        'known': guard.known,
        'receives_known': guard.receives_known,
        'writes_known': guard.writes_known,
        **{f'day_{day}': guard.open_hours.on(day) for day in _WEEK},
        **{f'may_{each}': each in guard.may for each in ACTS},
    }


class DecisionForm(MailForm):
    """A decision on a message that waits: the button that was pressed."""

    decision = forms.ChoiceField(choices=[(each, each) for each in DECISIONS], required=True)
