# SPDX-License-Identifier: AGPL-3.0-or-later
"""The common part of all forms of the app.

A form shows its usual fields and folds the `rare` ones away. What is wrong with a field
stands at the field, for eyes and for screen readers. `culprits` says which field an error of
the directory is about.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField

from ..errors import MailError


class MailForm(forms.Form):
    """A form that shows its fields in one way and takes errors of the directory."""

    rare: ClassVar[tuple[str, ...]] = ()
    usual: ClassVar[Mapping[str, object]] = {}
    """The usual values of rare fields that are never empty."""
    culprits: ClassVar[Mapping[str, str]] = {}
    """The fields that errors are about, by the code of an error or by its whole key."""

    version = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    """The state of an entry the form was made from, so no one overwrites a value they never saw."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix='', **kwargs)

    def blame(self, error: MailError) -> None:
        """Show an error at the field it is about, else above all of them."""
        field = self.culprits.get(error.reason.key) or self.culprits.get(error.code)
        self.add_error(field if field in self.fields else None, error.sentence)

    def changed(self, name: str) -> Any:
        """The new value of a field, None if it is as it was."""
        return self.cleaned_data[name] if name in self.changed_data else None

    def _dressed(self, names: Iterator[str]) -> Iterator[BoundField]:
        """Fields with the attributes that Bootstrap and screen readers need."""
        for name in names:
            bound = self[name]
            attributes = bound.field.widget.attrs
            attributes['class'] = _class_of(bound.field.widget)
            ids = [f'{bound.auto_id}_help'] if bound.help_text else []
            if bound.errors:
                attributes['class'] += ' is-invalid'
                attributes['aria-invalid'] = 'true'
                ids.insert(0, f'{bound.auto_id}_error')
            if ids:
                attributes['aria-describedby'] = ' '.join(ids)
            yield bound

    @property
    def usual_fields(self) -> list[BoundField]:
        """The fields to show at once."""
        names = (bound.name for bound in self.visible_fields() if bound.name not in self.rare)
        return list(self._dressed(names))

    @property
    def rare_fields(self) -> list[BoundField]:
        """The fields to fold away."""
        return list(self._dressed(name for name in self.rare if name in self.fields))

    @property
    def is_unfolded(self) -> bool:
        """Whether a rare field has something to see."""
        return any(self._is_unusual(name) for name in self.rare if name in self.fields)

    def _is_unusual(self, name: str) -> bool:
        value = self[name].value()
        is_unusual = value != self.usual[name] if name in self.usual else bool(value)
        return is_unusual or bool(self[name].errors)


def _class_of(widget: forms.Widget) -> str:
    """The name of Bootstrap's style for an input."""
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect):
        return 'form-check-input'
    return 'form-select' if isinstance(widget, forms.Select) else 'form-control'
