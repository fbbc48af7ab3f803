# SPDX-License-Identifier: AGPL-3.0-or-later
"""My addresses: keys by which password managers make aliases."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from .. import privileged
from ..authentication.device_passwords import NewAppPassword
from ..directory import apppassword
from ..directory.apppassword import ALIAS
from ..directory.store import Store
from ..directory.verbs import own
from ..forms.my import AliasKeyForm
from .devices import MyDeviceRemove
from .secrets_once import SecretOnce


class MyAliasKeys(SecretOnce):
    """The keys of a user, and one more."""

    template_name = 'email-alias-keys.html'
    title = gettext_lazy('Password managers')
    form_class = AliasKeyForm
    submit = gettext_lazy('Create API key')
    back = 'my'
    place = 'email-new-alias-key'
    here = 'my-alias-keys'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the keys there are, the limits, and where the interfaces are."""
        with Store() as store:
            owner = self.owner(store)
            keys = apppassword.of_owner(store, owner, ALIAS)
            limits = own.limits_of(store, owner)
        base = self.request.build_absolute_uri(reverse('email:alias-api')).rstrip('/')
        return super().get_context_data(keys=keys, limits=limits, base=base, **kwargs)

    def show(self, made: dict[str, Any]) -> HttpResponse:
        """The page with a new key."""
        response: HttpResponse = self.render_to_response(self.get_context_data(made=made))
        return response

    def make(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """A new key."""
        label, given = wanted['label'], wanted['password']
        made = NewAppPassword.from_json(self.own(privileged.own_alias_key_add, label, given))
        return {'key': made.password, 'label': made.entry.label, 'told': made.told}


class MyAliasKeyRemove(MyDeviceRemove):
    """The question whether a key is to be revoked."""

    title = gettext_lazy('Password managers')
    template_name = 'email-alias-key-remove.html'
    submit = gettext_lazy('Revoke key')
    back = 'my-alias-keys'
    use = ALIAS
