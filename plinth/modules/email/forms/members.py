# SPDX-License-Identifier: AGPL-3.0-or-later
"""The form for members of a shared mailbox: a choice of rights for each, and one new member."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ..directory.member import Member
from ..words.members import CHOICES
from .base import MailForm

_NONE = ''


class _PeopleForm(MailForm):
    """Base of forms with a field for each member, and a choice of who joins."""

    mark: ClassVar[str]
    """The beginning of the names of members' fields."""

    def __init__(
        self,
        *args: Any,
        members: Sequence[tuple[Member, str]],
        people: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._ids = {f'{self.mark}-{member.id}': member.id for member, _name in members}
        for member, name in members:
            self.fields[f'{self.mark}-{member.id}'] = self.field_of(member, name)
        self.fields['person'].choices = [(_NONE, '—'), *people]
        self.order_fields(['day', *self._ids, 'person', 'rights'])

    def field_of(self, member: Member, name: str) -> forms.Field:
        """The field of a member, who has this name."""
        raise NotImplementedError


class MembersForm(_PeopleForm):
    """Rights of each member, whose field is named by the identity, and a new member."""

    culprits: ClassVar[dict[str, str]] = {'member-missing': 'person', 'member-repeated': 'person'}

    person = forms.ChoiceField(label=_('Add a member'), required=False)
    rights = forms.ChoiceField(
        label=_('Rights of the new member'),
        choices=CHOICES,
        help_text=_(
            'Write: file, mark and delete messages, and create folders. Send: use the address '
            'of this mailbox as sender.'
        ),
    )

    mark = 'member'

    def field_of(self, member: Member, name: str) -> forms.Field:
        """The rights of a member."""
        return forms.ChoiceField(
            label=name,
            choices=[*CHOICES, (_NONE, _('No access (remove)'))],
            required=False,
            initial=member.rights,
        )

    def wanted(self) -> list[str]:
        """The members as root's verb takes them."""
        data = self.cleaned_data
        chosen = {id_: data[name] for name, id_ in self._ids.items()}
        if data['person']:
            chosen[data['person']] = data['rights']
        return [f'{id_} {rights}' for id_, rights in chosen.items() if rights]


class HandoverForm(_PeopleForm):
    """A day, those who leave on it, and who joins."""

    culprits: ClassVar[dict[str, str]] = {
        'handover-invalid': 'day', 'time-invalid': 'day', 'member-missing': 'person',
    }  # fmt: skip

    day = forms.DateField(
        label=_('Day'),
        widget=forms.DateInput(format='%Y-%m-%d', attrs={'type': 'date'}),
        help_text=_('Members change when this day begins. Choose today to change them now.'),
    )
    person = forms.ChoiceField(label=_('Who joins'), required=False)
    rights = forms.ChoiceField(label=_('Rights'), choices=CHOICES)

    mark = 'leaves'

    def field_of(self, _member: Member, name: str) -> forms.Field:
        """Whether a member leaves."""
        return forms.BooleanField(label=_('{name} leaves').format(name=name), required=False)

    def leaving(self) -> list[str]:
        """The identities of those who leave."""
        return [id_ for name, id_ in self._ids.items() if self.cleaned_data[name]]

    def joining(self) -> list[str]:
        """Those who join, as root's verb takes them."""
        data = self.cleaned_data
        return [f'{data["person"]} {data["rights"]}'] if data['person'] else []
