# SPDX-License-Identifier: AGPL-3.0-or-later
"""My devices: what a mail program needs to know, and a password for each of them."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import privileged
from ..directory import apppassword, own
from ..directory.apppassword import AppPassword
from ..directory.store import Store, missing
from ..forms.base import MailForm
from ..forms.my import DeviceForm
from ..overview import Text
from .editing import Asking, Editing
from .page import UserPage, call


class MyDevices(UserPage, Editing):
    """The devices of a user, and one more."""

    template_name = 'email-devices.html'
    title = gettext_lazy('Devices')
    form_class = DeviceForm
    submit = gettext_lazy('Make a password')
    back = 'my'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the passwords there are, and the settings of a mail program."""
        with Store() as store:
            passwords = apppassword.of_owner(store, self.user)
            mailboxes = own.mailboxes_of(store, self.user)
            host = store.settings().primary_domain
        login = next((mailbox.address for mailbox in mailboxes if mailbox.enabled), '')
        ordered = sorted(passwords, key=lambda each: (each.label.casefold(), each.key_id))
        return super().get_context_data(passwords=ordered, host=host, login=login, **kwargs)

    def save(self, form: DeviceForm) -> HttpResponse:
        """Make a password and show it the only time; nothing keeps it but the reader."""
        label = form.cleaned_data['label']
        made = call(privileged.app_password_add, self.user, label)
        response: HttpResponse = self.render_to_response(
            self.get_context_data(form=DeviceForm(), password=made['password'], label=label)
        )
        response['Cache-Control'] = 'no-store'
        return response


class MyDeviceRemove(UserPage, Asking[AppPassword]):
    """The question whether a device is to be locked out."""

    template_name = 'email-device-remove.html'
    kind = AppPassword
    submit = gettext_lazy('Remove the password')
    back = 'my-devices'
    back_to_entry = False

    def find(self, store: Store) -> AppPassword:
        """Return the password if it is the user's own."""
        for each in apppassword.of_owner(store, self.user):
            if each.key_id == self.key:
                return each
        raise missing(AppPassword, AppPassword.normal_key(self.key))

    def get_title(self) -> Text:
        """Return the question."""
        if not hasattr(self, 'entry'):
            return _('Devices')
        return _('Remove the password of “{label}”?').format(label=self.entry.label)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add which password it is."""
        return super().get_context_data(password=self.entry, **kwargs)

    def save(self, _form: MailForm) -> HttpResponse:
        """Remove it; whoever uses it is out."""
        call(privileged.app_password_remove, self.key, self.user)
        self.tell(_('The password of “{label}” does not work any more.')
                  .format(label=self.entry.label))  # fmt: skip
        return self.go('my-devices')
