# SPDX-License-Identifier: AGPL-3.0-or-later
"""My email: the filters of a mailbox, one page each, and the buttons that move and remove them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from .. import privileged
from ..directory.mail_filter import Filters, MailFilter, filters_text
from ..directory.mailbox import Mailbox
from ..errors import MailError
from ..forms.base import MailForm
from ..forms.rules import FilterForm
from ..rules.trial import FilterTrial
from ..words import rules as words
from ..words.text import Text
from .own_mailbox import OwnMailboxPage
from .undo_offer import Call


def taken_out(filters: Filters, number: int) -> tuple[MailFilter, Filters]:
    """A filter by its number, and the others."""
    if not 1 <= number <= len(filters):
        raise MailError('filter-missing.number')
    return filters[number - 1], filters[: number - 1] + filters[number:]


def moved_by_one(filters: Filters, number: int, request: HttpRequest) -> tuple[MailFilter, Filters]:
    """A filter by its number, and the filters after the button up or down was pressed."""
    moved, others = taken_out(filters, number)
    place = min(max(number - 2 if 'up' in request.POST else number, 0), len(others))
    return moved, (*others[:place], moved, *others[place:])


class FilterBase(OwnMailboxPage):
    """Base of the pages that change filters."""

    form_class: type[MailForm] = MailForm

    def back_url(self) -> Text:
        """The list of filters."""
        return reverse('email:my-away-of', args=[self.key])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the mailbox."""
        return super().get_context_data(mailbox=self.entry, **kwargs)

    def choose(self, filters: Filters, version: str, text: Text) -> HttpResponse:
        """Choose the filters, say so, and show the list."""
        before = self.entry.sorting
        after = Mailbox.from_json(
            self.own(privileged.own_filters, self.key, filters_text(filters), version)
        )
        take_back = {**self.visitor.whose, 'address': self.key, 'filters': before,
                     'version': after.version}  # fmt: skip
        self.tell(text, Call('own_filters', take_back))
        return self.go('my-away-of', self.key)


class FilterAdd(FilterBase):
    """A new filter."""

    title = gettext_lazy('Add filter')
    template_name = 'email-filter.html'
    form_class = FilterForm
    submit = gettext_lazy('Add filter')
    done: Text = words.FILTER_ADDED

    def save(self, form: FilterForm) -> HttpResponse:
        """Save it, or only try it on the latest messages."""
        wanted = form.wanted()
        if 'try' in self.request.POST:
            answer = self.own(privileged.own_filter_try, self.key, str(wanted))
            context = self.get_context_data(form=form, trial=FilterTrial.from_json(answer))
            return self.render_to_response(context)
        version = form.cleaned_data['version']
        return self.choose(self.changed(wanted), version, self.done.format(name=wanted.name))

    def changed(self, wanted: MailFilter) -> Filters:
        """The filters with the new one."""
        return (*self.entry.filters, wanted)


class FilterPage(FilterAdd):
    """One filter."""

    title = gettext_lazy('Filter')
    submit = gettext_lazy('Save filter')
    done = words.FILTER_SAVED

    def load(self) -> None:
        """Read the mailbox, and find the filter, whose name is the title."""
        super().load()
        self.present, _others = taken_out(self.entry.filters, self.kwargs['number'])
        self.title = self.present.name

    def values(self) -> dict[str, Any]:
        """The fields of the filter."""
        names = ('name', 'match', 'folder', 'flag', 'forward', 'discard', 'stop', 'enabled')
        return {name: getattr(self.present, name) for name in names}

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the conditions."""
        return {**super().get_form_kwargs(), 'conditions': self.present.conditions}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the way to remove it."""
        url = reverse('email:my-filter-remove', args=[self.key, self.kwargs['number']])
        return super().get_context_data(remove_url=url, **kwargs)

    def changed(self, wanted: MailFilter) -> Filters:
        """The filters with this one in its place."""
        place = self.kwargs['number'] - 1
        return (*self.entry.filters[:place], wanted, *self.entry.filters[place + 1 :])


class _FilterButton(FilterBase):
    """Base of the buttons in the list of filters."""

    http_method_names = ('post',)

    def form_invalid(self, _form: Any) -> HttpResponse:
        """Show the list: it has changed meanwhile."""
        return self.go('my-away-of', self.key)


class FilterMove(_FilterButton):
    """The buttons that move a filter up or down."""

    def save(self, form: MailForm) -> HttpResponse:
        """Move it by one place."""
        moved, filters = moved_by_one(self.entry.filters, self.kwargs['number'], self.request)
        text = words.FILTER_MOVED.format(name=moved.name)
        return self.choose(filters, form.cleaned_data['version'], text)


class FilterRemove(_FilterButton):
    """The button that removes a filter."""

    def save(self, form: MailForm) -> HttpResponse:
        """Remove it."""
        removed, others = taken_out(self.entry.filters, self.kwargs['number'])
        text = words.FILTER_REMOVED.format(name=removed.name)
        return self.choose(others, form.cleaned_data['version'], text)


class LabelFolders(_FilterButton):
    """The switch for folders of labels."""

    def save(self, form: MailForm) -> HttpResponse:
        """Turn it on or off."""
        wanted, version = 'on' in self.request.POST, form.cleaned_data['version']
        answer = self.own(privileged.own_label_folders, self.key, wanted, version)
        take_back = {**self.visitor.whose, 'address': self.key, 'enabled': not wanted,
                     'version': Mailbox.from_json(answer).version}  # fmt: skip
        self.tell(words.LABELS_ON if wanted else words.LABELS_OFF,
                  Call('own_label_folders', take_back))  # fmt: skip
        return self.go('my-away-of', self.key)
