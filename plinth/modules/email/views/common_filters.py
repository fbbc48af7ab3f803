# SPDX-License-Identifier: AGPL-3.0-or-later
"""Filters for all mailboxes: a section of the tab Delivery, and a page for each filter."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from .. import privileged
from ..directory.common_filters import PLACES, CommonFilters, HousePlace
from ..directory.mail_filter import Filters, MailFilter, filters_text
from ..directory.store import Store
from ..errors import MailError
from ..forms.base import MailForm
from ..forms.rules import HouseFilterForm
from ..words import rules as words
from ..words.text import Text
from .editing import Editing
from .filter_words import list_of, most_shown
from .filters import moved_by_one, taken_out
from .page import call
from .undo_offer import Call

MOST_SHOWN = 10
"""Filters of each place on the tab; a link shows all."""


def section(request: HttpRequest) -> Mapping[str, Any]:
    """The filters of both places."""
    with Store() as store:
        rules = store.settings().common_filters
    most = most_shown(request, MOST_SHOWN)
    places = [
        {
            'place': place,
            'title': words.PLACES[place],
            'meaning': words.PLACES_MEAN[place],
            'filters': list_of(rules.at(place), 'house-filter', place, most=most),
        }
        for place in PLACES
    ]
    return {'places': places, 'version': rules.version}


class HouseFilterBase(Editing):
    """Base of the pages that change filters for all."""

    form_class: type[MailForm] = MailForm
    back = 'delivery'
    rules: CommonFilters
    place: HousePlace

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Look at the filters before anything else."""
        try:
            self._load()
        except MailError as error:
            return self._problem(error)
        return super().dispatch(request, *args, **kwargs)

    def _load(self) -> None:
        with Store() as store:
            self.rules = store.settings().common_filters
        if self.kwargs['place'] not in PLACES:
            raise MailError('filter-missing.number')
        self.place = self.kwargs['place']
        self.load()

    def load(self) -> None:
        """Find the filter that is meant."""

    @property
    def filters(self) -> Filters:
        """The filters of the place as they are."""
        return self.rules.at(self.place)

    def get_initial(self) -> dict[str, Any]:
        """Begin with the filters as they are."""
        return {'version': self.rules.version}

    def choose(self, filters: Filters, version: str, text: Text) -> HttpResponse:
        """Choose the filters, say so, and show the list."""
        before = filters_text(self.filters)
        after = call(privileged.common_filters_set, self.place, filters_text(filters), version)
        take_back = {'place': self.place, 'filters': before, 'version': after}
        self.tell(text, Call('common_filters_set', take_back))
        return self.go('delivery')


class HouseFilterAdd(HouseFilterBase):
    """A new filter for all."""

    title = gettext_lazy('Add filter for all mailboxes')
    template_name = 'email-filter.html'
    form_class = HouseFilterForm
    submit = gettext_lazy('Add filter')
    done: Text = words.FILTER_ADDED

    def save(self, form: HouseFilterForm) -> HttpResponse:
        """Save it."""
        wanted = form.wanted()
        text = self.done.format(name=wanted.name)
        return self.choose(self.changed(wanted), form.cleaned_data['version'], text)

    def changed(self, wanted: MailFilter) -> Filters:
        """The filters with the new one."""
        return (*self.filters, wanted)


class HouseFilterPage(HouseFilterAdd):
    """One filter for all."""

    title = gettext_lazy('Filter')
    submit = gettext_lazy('Save filter')
    done = words.FILTER_SAVED
    present: MailFilter

    def load(self) -> None:
        """Find the filter, whose name is the title."""
        self.present, _others = taken_out(self.filters, self.kwargs['number'])
        self.title = self.present.name

    def get_initial(self) -> dict[str, Any]:
        """The fields of the filter."""
        names = ('name', 'match', 'folder', 'flag', 'discard', 'stop', 'enabled')
        return {**super().get_initial(), **{name: getattr(self.present, name) for name in names}}

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the conditions."""
        return {**super().get_form_kwargs(), 'conditions': self.present.conditions}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the way to remove it."""
        number = self.kwargs['number']
        url = reverse('email:house-filter-remove', args=[self.place, number])
        return super().get_context_data(remove_url=url, **kwargs)

    def changed(self, wanted: MailFilter) -> Filters:
        """The filters with this one in its place."""
        place = self.kwargs['number'] - 1
        return (*self.filters[:place], wanted, *self.filters[place + 1 :])


class _HouseButton(HouseFilterBase):
    """Base of the buttons in the lists."""

    http_method_names = ('post',)

    def form_invalid(self, _form: Any) -> HttpResponse:
        """Show the lists: they have changed meanwhile."""
        return self.go('delivery')


class HouseFilterMove(_HouseButton):
    """The buttons that move a filter up or down."""

    def save(self, form: MailForm) -> HttpResponse:
        """Move it by one place."""
        moved, filters = moved_by_one(self.filters, self.kwargs['number'], self.request)
        text = words.FILTER_MOVED.format(name=moved.name)
        return self.choose(filters, form.cleaned_data['version'], text)


class HouseFilterRemove(_HouseButton):
    """The button that removes a filter."""

    def save(self, form: MailForm) -> HttpResponse:
        """Remove it."""
        removed, others = taken_out(self.filters, self.kwargs['number'])
        text = words.FILTER_REMOVED.format(name=removed.name)
        return self.choose(others, form.cleaned_data['version'], text)
