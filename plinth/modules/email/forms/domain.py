# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms for domains."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..directory.address import LONGEST_DOMAIN
from ..directory.domain import MOST_USER_ALIASES
from ..directory.entry import LONGEST_NOTE
from ..directory.old_mail import USUAL
from ..directory.room import DOMAIN_ROOM
from ..directory.send_limits import LIMIT_ATTRIBUTES
from .base import MailForm
from .fields import (
    AddressesField,
    DomainField,
    QuotaField,
    days_fields,
    limit_fields,
    plain_input,
)

_CULPRITS = {
    'domain-invalid': 'name',
    'domain-exists': 'name',
    'domain-missing': 'alias_of',
    'domain-in-use': 'alias_of',
    'limit-invalid': 'user_aliases',
    'text-invalid': 'note',
    'client-host-invalid': 'client_host',
}


def _sharing_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_('Alias of'),
        required=False,
        help_text=_('All addresses of that domain then work in this one too.'),
    )


def _sharing_choices(names: Iterable[tuple[str, str]]) -> list[tuple[str, Any]]:
    return [('', _('None')), *names]


class NewDomainForm(MailForm):
    """A new domain."""

    rare = ('alias_of',)
    culprits: ClassVar[dict[str, str]] = _CULPRITS

    name = DomainField(
        label=_('Domain'),
        widget=plain_input(placeholder='example.org', autofocus='autofocus'),
        help_text=_("A domain you own. Next, you'll see the DNS records to create."),
    )
    alias_of = _sharing_field()

    def __init__(self, *args: Any, domains: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields['alias_of'].choices = _sharing_choices(domains)


class DomainForm(MailForm):
    """The settings of a domain."""

    rare = ('forwarding', 'alias_of', 'note', 'client_host', *DOMAIN_ROOM, *LIMIT_ATTRIBUTES)
    usual: ClassVar[dict[str, object]] = {'forwarding': True}
    culprits: ClassVar[dict[str, str]] = _CULPRITS

    user_mailboxes = forms.ChoiceField(
        label=_('Create a mailbox for every user'),
        choices=[
            ('default', _("If it's the primary domain")),
            ('yes', _('Always')),
            ('no', _('Never')),
        ],
    )
    user_aliases = forms.IntegerField(
        label=_('Addresses each user can create'),
        min_value=0,
        max_value=MOST_USER_ALIASES,
        help_text=_('0: only administrators can create addresses.'),
    )
    forwarding = forms.BooleanField(
        label=_('Users can forward mail to other mail servers'),
        required=False,
        help_text=_('When off, forwards of mailboxes to other mail servers are turned off.'),
    )
    alias_of = _sharing_field()
    note = forms.CharField(label=_('Note'), required=False, max_length=LONGEST_NOTE)
    client_host = forms.CharField(
        label=_('Host name for mail apps'),
        required=False,
        max_length=LONGEST_DOMAIN,
        widget=plain_input(),
        help_text=_(
            'A name below the domain, like mail.example.org, that moves with it to another server. '
            'Enter it here, then add it in Name Services and get a certificate for it.'
        ),
    )
    quota = QuotaField(
        label=_('Storage limit of each mailbox (quota)'),
        help_text=_('For mailboxes without their own limit, for example 2 GB. Empty: unlimited.'),
    )
    total_quota = QuotaField(
        label=_('Storage limit of all mailboxes together'),
        help_text=_('At this limit new mail to this domain is rejected. Empty: unlimited.'),
    )

    def __init__(self, *args: Any, domains: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields['alias_of'].choices = _sharing_choices(domains)
        usual = _('For each mailbox without its own value. A number, or “never”. Empty: {days}.')
        words = {name: usual.format(days=days) for name, days in USUAL.items()}
        self.fields.update(days_fields(words))
        self.fields.update(limit_fields(_('For each mailbox. 0: the usual limit.')))

    def changes(self) -> dict[str, Any]:
        """The changed fields, as the root action takes them."""
        names = (
            'user_mailboxes', 'user_aliases', 'forwarding', 'alias_of', 'note', 'client_host',
            *DOMAIN_ROOM, *LIMIT_ATTRIBUTES,
        )  # fmt: skip
        changed = {name: self.cleaned_data[name] for name in names if name in self.changed_data}
        return {name: 0 if value is None else value for name, value in changed.items()}


class CatchAllForm(MailForm):
    """The catch-all of a domain."""

    culprits: ClassVar[dict[str, str]] = dict.fromkeys(
        ('destination-invalid', 'destination-missing', 'destination-repeated', 'alias-loop'),
        'destinations',
    )

    destinations = AddressesField(
        label=_('Deliver to'),
        required=False,
        help_text=_(
            'One address per line. Leave empty to reject mail for addresses that do not exist, '
            'which keeps most spam away.'
        ),
    )


class RemoveDomainForm(MailForm):
    """The question whether a domain is really to be removed."""

    name = DomainField(label=_('Domain'))

    def __init__(self, *args: Any, domain: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._domain = domain
        label = _('Type {domain} to confirm.').format(domain=domain)
        self.fields['name'].label = label

    def clean_name(self) -> str:
        """Refuse another name than that of the domain."""
        if self.cleaned_data['name'] != self._domain:
            raise ValidationError(_("That doesn't match {domain}.").format(domain=self._domain))
        return self._domain
