# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms that make or change something, and the question before something is lost.

A form carries the version of the entry it was made from. A person who saves an entry that
another person changed meanwhile sees both, and decides.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from ..directory.entry import Entry
from ..directory.store import Store
from ..errors import MailError
from ..forms.base import MailForm
from ..forms.fields import last_day
from ..words import pages
from ..words.text import Text
from .page import Page

EntryType = TypeVar('EntryType', bound=Entry)


@dataclass(frozen=True)
class Difference:
    """A field two people wanted to say different things."""

    label: Text
    theirs: str
    yours: str


def shown_value(field: forms.Field, value: Any) -> str:
    """The value of a field as people read it."""
    if isinstance(value, bool):
        return str(_('yes') if value else _('no'))
    if isinstance(field, forms.ChoiceField):
        value = dict(field.choices).get(value, value)
    if isinstance(value, datetime):
        value = last_day(value)
    if isinstance(value, date):
        value = date_format(value)
    if isinstance(value, list | tuple):
        value = ', '.join(sorted(value))
    return str(_('(empty)') if value in (None, '') else value)


class Editing(Page, FormView):
    """A form that makes or changes something."""

    template_name = 'email-form.html'
    submit: Text = gettext_lazy('Save')
    back: ClassVar[str]

    def save(self, form: Any) -> HttpResponse:
        """Carry out the form and go on."""
        raise NotImplementedError

    def form_valid(self, form: MailForm) -> HttpResponse:
        """Save, or show at the form why that cannot be."""
        try:
            return self.save(form)
        except MailError as error:
            return self.refused(form, error)

    def refused(self, form: MailForm, error: MailError) -> HttpResponse:
        """The form again, with its errors."""
        if error.code in ('directory-down', 'mail-not-set-up'):
            form.add_error(None, error.sentence)
        else:
            form.blame(error)
        return self.form_invalid(form)

    def back_url(self) -> Text:
        """Where to go when nothing is to be changed."""
        return reverse(f'email:{self.back}')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the words around the form."""
        return super().get_context_data(submit=self.submit, back_url=self.back_url(), **kwargs)


class EntryEditing(Editing, Generic[EntryType]):
    """The page of an entry, with the form that changes it."""

    kind: ClassVar[type[Entry]]
    back_to_entry: ClassVar[bool] = False
    entry: EntryType

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Note which entry is meant."""
        super().setup(request, *args, **kwargs)
        self.key: str = kwargs['key']

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Look at the entry before anything else."""
        try:
            self.load()
        except MailError as error:
            return self._problem(error)
        return super().dispatch(request, *args, **kwargs)

    def load(self) -> None:
        """Read the entry as it is now."""
        with Store() as store:
            self.entry = self.find(store)
        self.key = self.entry.key

    def back_url(self) -> Text:
        """Where to go when nothing is to be changed."""
        return reverse(f'email:{self.back}', args=[self.key] if self.back_to_entry else [])

    def find(self, store: Store) -> EntryType:
        """The entry, or say that there is none."""
        return store.get(self.kind, self.key)  # type: ignore[return-value]

    def get_title(self) -> Text:
        """The name of the entry."""
        return self.key

    def values(self) -> dict[str, Any]:
        """The values of the entry in the form."""
        raise NotImplementedError

    def version(self) -> str:
        """The version a form is made from."""
        return self.entry.version

    def get_initial(self) -> dict[str, Any]:
        """Begin with the entry as it is."""
        return {**self.values(), 'version': self.version()}

    def look_again(self, form: MailForm) -> None:
        """Read the entry again, and let the form be about that."""
        self.load()
        form.data = form.data.copy()
        form.data['version'] = self.version()

    def refused(self, form: MailForm, error: MailError) -> HttpResponse:
        """The form with changes of another person beside those of this one."""
        if error.code == f'{self.kind.NOUN}-missing':
            return self._problem(error)
        if error.code != 'entry-changed':
            return super().refused(form, error)
        self.look_again(form)
        differences = self.differences(form)
        return self.render_to_response(self.get_context_data(form=form, differences=differences))

    def differences(self, form: MailForm) -> list[Difference]:
        """The fields in which the form differs from the entry as it is now."""
        now, wanted = self.values(), form.cleaned_data
        names = [name for name in now if form.fields[name].has_changed(now[name], form[name].data)]
        fields = ((form.fields[name], name) for name in names)
        return [
            Difference(field.label, shown_value(field, now[name]), shown_value(field, wanted[name]))
            for field, name in fields
        ]


class ConfirmView(EntryEditing[EntryType]):
    """The question that is asked before something is lost, on a page of its own."""

    template_name = 'email-ask.html'
    form_class: type[MailForm] = MailForm
    back_to_entry = True
    question: ClassVar[Text]

    def values(self) -> dict[str, Any]:
        """No values: the question has no fields of the entry."""
        return {}

    def get_title(self) -> Text:
        """The question."""
        return str(self.question).format(key=self.key)

    def refused(self, form: MailForm, error: MailError) -> HttpResponse:
        """The question again when the entry was changed meanwhile."""
        if error.code != 'entry-changed':
            return super().refused(form, error)
        self.look_again(form)
        form.add_error(None, pages.CHANGED_MEANWHILE)
        return self.form_invalid(form)
