# SPDX-License-Identifier: AGPL-3.0-or-later
"""Members of a shared mailbox: chosen by administrators, ended by a member."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import privileged
from ..directory.entry_errors import missing
from ..directory.mailbox import Mailbox
from ..directory.member import Member
from ..directory.person import Owner
from ..directory.store import Store
from ..directory.verbs import members as verbs
from ..errors import MailError
from ..forms.base import MailForm
from ..forms.members import HandoverForm, MembersForm
from ..words import members as words
from ..words import pages
from ..words.text import Text
from .editing import ConfirmView, EntryEditing
from .page import UserPage, call
from .undo_offer import Call


@dataclass(frozen=True)
class ShownMember:
    """A member by today's name, and the rights in words."""

    name: Text
    rights: Text


def candidates(store: Store) -> dict[str, str]:
    """The names of all who can be members, by identity."""
    people = {user.id: user.name for user in store.users()}
    alone = (each for each in store.search(Mailbox) if each.stands_alone and not each.members)
    return people | {mailbox.address: mailbox.address for mailbox in alone}


def name_of(member: Member, names: Mapping[str, str]) -> Text:
    """The name of a member; an address is its own."""
    return names.get(member.id) or (words.UNKNOWN if member.is_person else member.id)


def shown(store: Store, mailbox: Mailbox) -> list[ShownMember]:
    """The members of a mailbox."""
    names = {user.id: user.name for user in store.users()} if mailbox.members else {}
    return [
        ShownMember(name_of(member, names), words.rights(member.rights))
        for member in mailbox.member_rights
    ]


def shared_with(store: Store, owner: Owner) -> list[tuple[Mailbox, Text]]:
    """The mailboxes in use that are shared with an owner, with the rights in words."""
    id_ = verbs.id_of(owner)
    return [
        (mailbox, words.rights(member.rights))
        for mailbox in verbs.shared_with(store, owner)
        for member in mailbox.member_rights
        if member.id == id_ and mailbox.enabled
    ]


class MembersPage(EntryEditing[Mailbox]):
    """The members of a mailbox."""

    kind = Mailbox
    form_class: type[MembersForm | HandoverForm] = MembersForm
    template_name = 'email-members.html'
    back = 'mailbox'
    back_to_entry = True

    def find(self, store: Store) -> Mailbox:
        """The mailbox, if it can have members, and those who can be."""
        mailbox = store.get(Mailbox, self.key)
        if not mailbox.stands_alone:
            raise missing(Mailbox, mailbox.address)
        self.names = candidates(store)
        return mailbox

    def get_title(self) -> Text:
        """The title, with the address."""
        return _('Members of {address}').format(address=self.key)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add which mailbox it is."""
        return super().get_context_data(mailbox=self.entry, **kwargs)

    def values(self) -> dict[str, Any]:
        """The rights of each member."""
        return {f'member-{each.id}': each.rights for each in self.entry.member_rights}

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the members there are, and those who could be added."""
        members = self.entry.member_rights
        named = [(member, str(name_of(member, self.names))) for member in members]
        taken = {*self.entry.members, self.entry.address}
        people = [(id_, name) for id_, name in self.names.items() if id_ not in taken]
        return {**super().get_form_kwargs(), 'members': named, 'people': people}

    def refused(self, form: MailForm, error: MailError) -> HttpResponse:
        """The members as they are now, when another person changed them meanwhile."""
        if error.code != 'entry-changed':
            return super().refused(form, error)
        self.load()
        again = self.form_class(**{**self.get_form_kwargs(), 'data': None, 'files': None})
        response = self.get_context_data(form=again, changed=pages.CHANGED_MEANWHILE)
        return self.render_to_response(response)

    def save(self, form: Any) -> HttpResponse:
        """Let them be the members."""
        before, version = self.entry, form.cleaned_data['version']
        answer = call(privileged.members_set, before.address, form.wanted(), version)
        after = Mailbox.from_json(answer)
        if after.version != before.version:
            old = [str(member) for member in before.member_rights]
            take_back = {'address': self.key, 'members': old, 'version': after.version}
            self.tell(words.SAVED.format(address=self.key), Call('members_set', take_back))
        return self.go('mailbox', before.address)


@dataclass(frozen=True)
class ShownHandover:
    """A planned change of members in words."""

    moment: datetime
    leaving: tuple[Text, ...]
    joining: tuple[ShownMember, ...]
    is_late: bool


def shown_handover(store: Store, mailbox: Mailbox) -> ShownHandover | None:
    """The planned change of members, None where there is none."""
    if mailbox.handover is None:
        return None
    names = {user.id: user.name for user in store.users()}
    joining = [Member.parse(text) for text in mailbox.joining]
    return ShownHandover(
        mailbox.handover,
        tuple(name_of(Member(id_), names) for id_ in mailbox.leaving),
        tuple(ShownMember(name_of(each, names), words.rights(each.rights)) for each in joining),
        verbs.is_due(mailbox),
    )


class HandoverPage(MembersPage):
    """The change of members on a day, all at once."""

    form_class = HandoverForm
    template_name = 'email-handover.html'
    submit = gettext_lazy('Hand over')

    def get_title(self) -> Text:
        """The title, with the address."""
        return _('Hand over {address}').format(address=self.key)

    def values(self) -> dict[str, Any]:
        """No values: a new plan begins empty."""
        return {}

    def save(self, form: Any) -> HttpResponse:
        """Plan it, or do it where it is today."""
        data, before = form.cleaned_data, self.entry
        day = data['day'].isoformat()
        arguments = (day, form.leaving(), form.joining(), data['version'])
        after = Mailbox.from_json(call(privileged.handover_set, before.address, *arguments))
        if after.handover:
            plan = {'address': self.key, 'day': '', 'leaving': [], 'joining': []}
            take_back = Call('handover_set', {**plan, 'version': after.version})
            self.tell(words.PLANNED.format(address=self.key), take_back)
        else:
            old = [str(member) for member in before.member_rights]
            take_back = Call(
                'members_set', {'address': self.key, 'members': old, 'version': after.version}
            )
            self.tell(words.HANDED_OVER.format(address=self.key), take_back)
        return self.go('mailbox', before.address)


class HandoverCancel(ConfirmView[Mailbox]):
    """The question whether a planned hand-over is given up."""

    template_name = 'email-handover-cancel.html'
    kind = Mailbox
    question = words.CANCEL
    back = 'mailbox'

    def save(self, form: MailForm) -> HttpResponse:
        """Give it up."""
        version = form.cleaned_data['version']
        call(privileged.handover_set, self.key, '', [], [], version)
        self.tell(words.NOT_PLANNED.format(address=self.key))
        return self.go('mailbox', self.key)


class MembershipEnd(UserPage, ConfirmView[Mailbox]):
    """The question whether a member leaves a shared mailbox."""

    template_name = 'email-membership-end.html'
    kind = Mailbox
    question = gettext_lazy('Leave {key}?')
    back = 'my'
    back_to_entry = False

    def find(self, store: Store) -> Mailbox:
        """The mailbox if it is shared with the visitor; others do not exist for them."""
        mailbox = store.get(Mailbox, self.key)
        if verbs.id_of(self.owner(store)) not in mailbox.members:
            raise missing(Mailbox, mailbox.address)
        return mailbox

    def save(self, _form: MailForm) -> HttpResponse:
        """Leave it."""
        self.own(privileged.own_membership_end, self.key)
        self.tell(words.LEFT.format(address=self.key))
        return self.go('my')
