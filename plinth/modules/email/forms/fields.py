# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fields that turn typed text into the form the directory keeps."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..directory.address import LONGEST_INPUT, parse, parse_domain
from ..directory.old_mail import normal_days
from ..directory.quota import normal
from ..directory.send_limits import MOST as MOST_RECIPIENTS
from ..errors import MailError
from ..words.text import Text

MOST_CHARACTERS = 50_000
LONGEST_SIZE = 30
_PLAIN = {'autocapitalize': 'none', 'autocomplete': 'off', 'spellcheck': 'false', 'dir': 'ltr'}
_BETWEEN = re.compile(r'[\s,;]+')


def plain_input(**attributes: str) -> forms.TextInput:
    """An input for a technical name, which no browser should try to improve."""
    return forms.TextInput(attrs={**_PLAIN, **attributes})


class NameField(forms.CharField):
    """An address or a part of one; the directory checks it later."""

    def __init__(self, **options: Any) -> None:
        options.setdefault('max_length', LONGEST_INPUT)
        options.setdefault('widget', plain_input())
        super().__init__(**options)


class DomainField(NameField):
    """A domain, also with letters beyond ASCII."""

    def clean(self, value: Any) -> str:
        """The domain in its normal form."""
        text = super().clean(value)
        try:
            return parse_domain(text) if text else ''
        except MailError as error:
            raise ValidationError(error.sentence, code=error.code) from error


class AddressField(NameField):
    """One address mail can be sent to."""

    def clean(self, value: Any) -> str:
        """The address in its normal form."""
        text = super().clean(value)
        try:
            return str(parse(text)) if text else ''
        except MailError as error:
            raise ValidationError(error.sentence, code=error.code) from error


class LinesField(forms.CharField):
    """Any number of names, each on a line or after a comma."""

    def __init__(self, **options: Any) -> None:
        options.setdefault('max_length', MOST_CHARACTERS)
        options.setdefault('widget', forms.Textarea(attrs={**_PLAIN, 'rows': 3}))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """Names as the text to begin with."""
        return value if isinstance(value, str) or value is None else '\n'.join(value)

    def words(self, value: Any) -> list[str]:
        """The names as they were written."""
        return list(filter(None, _BETWEEN.split(super().clean(value))))

    def clean(self, value: Any) -> list[str]:
        """The names, each once."""
        return list(dict.fromkeys(self.words(value)))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other names are meant than before, in whatever order."""
        return set(initial or ()) != set(filter(None, _BETWEEN.split(data or '')))


class AddressesField(LinesField):
    """Any number of addresses, each on a line or after a comma."""

    def clean(self, value: Any) -> list[str]:
        """The addresses in their normal form, or an error for each."""
        found, wrong = [], []
        for word in self.words(value):
            try:
                found.append(str(parse(word)))
            except MailError as error:
                wrong.append(ValidationError(error.sentence, code=error.code))
        if wrong:
            raise ValidationError(wrong[:5])
        return list(dict.fromkeys(found))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other addresses are there now; their order means nothing."""
        return _addresses(initial) != _addresses(data)


def _addresses(value: str | Iterable[str] | None) -> set[str]:
    """The addresses in a field's value, however they are written."""
    words = _BETWEEN.split(value) if isinstance(value, str) else value or ()
    return {_normal(word) for word in words if word}


def _normal(word: str) -> str:
    """An address in its normal form; other text as it is."""
    try:
        return str(parse(word))
    except MailError:
        return word


def limit_fields(of: Text) -> dict[str, forms.IntegerField]:
    """Fields for limits on sending; 0 stands for the value of something else."""
    labels = {
        'recipients_hour': _('Recipients per hour'),
        'recipients_day': _('Recipients per day'),
        'first_time_day': _('First-time recipients per day'),
    }
    return {
        name: forms.IntegerField(
            label=label, required=False, min_value=0, max_value=MOST_RECIPIENTS, help_text=of
        )
        for name, label in labels.items()
    }


class QuotaField(forms.CharField):
    """A size with its unit, shown as it was entered."""

    def __init__(self, **options: Any) -> None:
        options.setdefault('max_length', LONGEST_SIZE)
        options.setdefault('widget', plain_input(placeholder='2 GB'))
        super().__init__(required=False, **options)

    def clean(self, value: Any) -> str:
        """The size as the directory keeps it."""
        return _checked(normal, super().clean(value))


class DaysField(forms.CharField):
    """A number of days, or never."""

    def __init__(self, **options: Any) -> None:
        options.setdefault('max_length', LONGEST_SIZE)
        options.setdefault('widget', plain_input())
        super().__init__(required=False, **options)

    def clean(self, value: Any) -> str:
        """The days as the directory keeps them."""
        return _checked(normal_days, super().clean(value))


def _checked(to_normal: Callable[[str], str], text: str) -> str:
    """Typed text in its normal form, or the error of the directory at its field."""
    try:
        return to_normal(text)
    except MailError as error:
        raise ValidationError(error.sentence, code=error.code) from error


def days_fields(of: Mapping[str, Text]) -> dict[str, forms.Field]:
    """Fields for the days after which old mail is deleted, with what an empty one means."""
    labels = {
        'trash_days': _('Delete mail in Trash after (days)'),
        'junk_days': _('Delete mail in Junk after (days)'),
    }
    return {name: DaysField(label=text, help_text=of[name]) for name, text in labels.items()}


class LastDayField(forms.DateField):
    """The last day on which something works, for a moment from which it does not."""

    widget = forms.DateInput(format='%Y-%m-%d', attrs={'type': 'date'})

    def prepare_value(self, value: Any) -> Any:
        """The day to begin with."""
        return last_day(value) if isinstance(value, datetime) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another day is there now."""
        return bool(super().has_changed(self.prepare_value(initial), data))


def last_day(end: datetime) -> date:
    """The last day before a moment."""
    day: date = timezone.localtime(end - timedelta(seconds=1)).date()
    return day


def end_of(day: date | None) -> str:
    """The moment a day ends as text, '' for no day."""
    if day is None:
        return ''
    following = datetime.combine(day + timedelta(days=1), time())
    return str(timezone.make_aware(following).isoformat())
