# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms of the rules of a mailbox: automatic reply and filters."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from ..directory.mail_filter import (
    FIELDS,
    LONGEST_FOLDER,
    LONGEST_NAME,
    LONGEST_VALUE,
    MOST_CONDITIONS,
    FilterCondition,
    MailFilter,
)
from ..directory.vacation import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    MOST_DAYS,
    USUAL_DAYS,
    Vacation,
    plain_text,
)
from ..errors import MailError
from ..words import rules as words
from .base import MailForm
from .fields import AddressField


class DayField(forms.DateField):
    """One day."""

    widget = forms.DateInput(format='%Y-%m-%d', attrs={'type': 'date'})


class VacationForm(MailForm):
    """An automatic reply."""

    rare = ('days',)
    usual: ClassVar[dict[str, object]] = {'days': USUAL_DAYS}
    culprits: ClassVar[dict[str, str]] = {
        'text-invalid': 'text',
        'vacation-invalid.empty': 'text',
        'vacation-invalid.days': 'days',
        'vacation-invalid.last-day': 'last_day',
    }

    enabled = forms.BooleanField(label=_('Send automatic replies'), required=False)
    first_day = DayField(label=_('First day'), required=False)
    last_day = DayField(
        label=_('Last day'),
        required=False,
        help_text=_('Both days count. Leave them empty to reply until you turn it off.'),
    )
    subject = forms.CharField(
        label=_('Subject'),
        required=False,
        max_length=LONGEST_SUBJECT,
        help_text=_('Leave empty to use the subject of the message.'),
    )
    text = forms.CharField(
        label=_('Text'),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={'rows': 6}),
    )
    days = forms.IntegerField(
        label=_('Days between two replies to the same sender'),
        min_value=1,
        max_value=MOST_DAYS,
        initial=USUAL_DAYS,
    )

    def vacation(self) -> Vacation | None:
        """The reply of the form, None if there is nothing in it. Raises MailError."""
        data = self.cleaned_data
        text = plain_text(data['text'])
        if not text and not data['enabled']:
            return None
        return Vacation(
            text,
            data['subject'].strip(),
            data['first_day'],
            data['last_day'],
            data['days'],
            data['enabled'],
        )


_FIELD_CHOICES = [(field, words.FIELDS[field]) for field in FIELDS]
_COMPARISONS = [('contains', _('contains')), ('is', _('is exactly'))]
_FEWEST_ROWS = 3
_ACTIONS = ('folder', 'flag', 'forward', 'discard', 'stop', 'enabled')


class FilterForm(MailForm):
    """A filter: rows of conditions, then actions. Rows without a value mean nothing."""

    culprits: ClassVar[dict[str, str]] = {
        'filter-invalid.name': 'name',
        'filter-invalid.name-used': 'name',
        'filter-invalid.folder': 'folder',
        'filter-invalid.discard': 'discard',
        'forward-denied': 'forward',
        'text-invalid': 'name',
    }

    name = forms.CharField(label=_('Name'), max_length=LONGEST_NAME)
    match = forms.ChoiceField(
        label=_('For messages that meet'),
        choices=[('all', _('all conditions')), ('any', _('at least one condition'))],
    )
    folder = forms.CharField(
        label=_('Put into folder'),
        required=False,
        max_length=LONGEST_FOLDER,
        widget=forms.TextInput(attrs={'list': 'email-folders', 'autocomplete': 'off'}),
        help_text=_('Created if it does not exist. Leave empty to keep it where it is.'),
    )
    flag = forms.ChoiceField(
        label=_('Mark'),
        required=False,
        choices=[('', _('no')), ('flagged', _('as important')), ('seen', _('as read'))],
    )
    forward = AddressField(label=_('Forward a copy to'), required=False)
    discard = forms.BooleanField(
        label=_('Delete'),
        required=False,
        help_text=_("It can't be restored."),
    )
    stop = forms.BooleanField(
        label=_('Skip later filters'),
        required=False,
        initial=True,
    )
    enabled = forms.BooleanField(label=_('Active'), required=False, initial=True)

    def __init__(self, *args: Any, conditions: Sequence[FilterCondition] = (), **kwargs: Any):
        super().__init__(*args, **kwargs)
        sent = sum(name.startswith('value_') for name in self.data)
        self.count = min(sent or max(len(conditions) + 1, _FEWEST_ROWS), MOST_CONDITIONS)
        for number in range(self.count):
            present = conditions[number] if number < len(conditions) else None
            self._add_row(number, present)

    def _add_row(self, number: int, present: FilterCondition | None) -> None:
        """Add the three fields of a condition."""
        field, comparison, value = (f'{name}_{number}' for name in ('field', 'comparison', 'value'))
        place = {'number': number + 1}
        self.fields[field] = forms.ChoiceField(
            label=words.ROW_FIELD % place, choices=_FIELD_CHOICES, required=False,
            initial=present.field if present else 'from',
        )  # fmt: skip
        self.fields[comparison] = forms.ChoiceField(
            label=words.ROW_COMPARISON % place, choices=_COMPARISONS, required=False,
            initial=present.comparison if present else 'contains',
        )  # fmt: skip
        self.fields[value] = forms.CharField(
            label=words.ROW_VALUE % place, required=False, max_length=LONGEST_VALUE,
            initial=present.value if present else '',
        )  # fmt: skip

    @property
    def rows(self) -> list[list[BoundField]]:
        """The fields of each condition."""
        names = ('field', 'comparison', 'value')
        return [
            list(self._dressed(iter(f'{name}_{number}' for name in names)))
            for number in range(self.count)
        ]

    @property
    def first_fields(self) -> list[BoundField]:
        """The fields above the conditions."""
        return list(self._dressed(iter(('name', 'match'))))

    @property
    def action_fields(self) -> list[BoundField]:
        """The fields below the conditions."""
        return list(self._dressed(name for name in _ACTIONS if name in self.fields))

    def clean(self) -> dict[str, Any]:
        """Make the conditions, and show what is wrong at its row."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data['conditions'] = tuple(filter(None, map(self._condition, range(self.count))))
        return data

    def _condition(self, number: int) -> FilterCondition | None:
        data = self.cleaned_data
        value = str(data.get(f'value_{number}', '')).strip()
        field: Any = data.get(f'field_{number}') or 'from'
        if not value:
            return None
        try:
            return FilterCondition(field, value, data.get(f'comparison_{number}') or 'contains')
        except MailError as error:
            self.add_error(f'value_{number}', error.sentence)
            return None

    def wanted(self) -> MailFilter:
        """The filter of the form. Raises MailError."""
        data = {'forward': '', **self.cleaned_data}
        values = (data[name] for name in ('conditions', 'match', *_ACTIONS))
        return MailFilter(data['name'].strip(), *values)


class HouseFilterForm(FilterForm):
    """A filter for all mailboxes, which forwards nothing."""

    forward = None  # type: ignore[assignment]
