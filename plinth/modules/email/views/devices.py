# SPDX-License-Identifier: AGPL-3.0-or-later
"""My devices: connect one, and the passwords of all of them.

Each device gets a password of its own: in a QR code, in a profile it fetches by a link, or to be
typed. What holds a password or a secret is shown once, from the session, and not for long.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from .. import privileged
from ..authentication.device_passwords import NewAppPassword
from ..clients import account_code, servers, webmail_apps
from ..clients.account import ClientAccount
from ..clients.device_kinds import DeviceKind
from ..clients.device_profiles import MadeLink
from ..directory import apppassword
from ..directory.apppassword import READ, AppPassword, Use
from ..directory.entry_errors import missing
from ..directory.store import Store
from ..directory.verbs import own
from ..forms.base import MailForm
from ..forms.my import DeviceForm
from ..words import pages
from ..words.text import Text
from .editing import ConfirmView
from .page import UserPage
from .secrets_once import SecretOnce

_FIRST = timedelta(hours=1)
"""How long a new password is watched for its first use."""


@dataclass(frozen=True)
class Device:
    """A password as the page shows it.

    `connected` is when it was used first, while it is new; `waits` says that the page watches
    for that.
    """

    entry: AppPassword
    connected: datetime | None = None
    waits: bool = False


def devices(passwords: Iterable[AppPassword], now: datetime | None = None) -> list[Device]:
    """The passwords by their names; of those not used yet the newest one is watched."""
    ordered = sorted(passwords, key=lambda each: (each.label.casefold(), each.key_id))
    new = [each for each in ordered if each.created > (now or datetime.now(UTC)) - _FIRST]
    unused = [each for each in new if not _uses(each)]
    newest = max(unused, key=lambda each: each.created, default=None)
    return [
        Device(each, min(_uses(each), default=None) if each in new else None, each is newest)
        for each in ordered
    ]


def _uses(password: AppPassword) -> list[datetime]:
    """The last uses of a password, for reading and for sending."""
    return [when for when in (password.last_read, password.last_sent) if when]


def account_drawing(login: str, host: str, password: str) -> str:
    """The QR code of an account, '' where an address is not ASCII, which the apps cannot read."""
    settings = servers.ClientSettings(login.rpartition('@')[2], host)
    account = ClientAccount(settings, login, password)
    return account_code.drawing(account_code.payload(account)) if account.is_ascii else ''


class MyDevices(SecretOnce):
    """The devices of a user, and one more."""

    template_name = 'email-devices.html'
    title = gettext_lazy('Devices')
    form_class = DeviceForm
    submit = gettext_lazy('Connect device')
    back = 'my'
    place = 'email-new-app-password'
    here = 'my-devices'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the passwords there are, mail in the browser, and the settings of a mail program."""
        with Store() as store:
            owner = self.owner(store)
            passwords = apppassword.of_owner(store, owner)
            mailboxes = own.mailboxes_of(store, owner)
            login = next((mailbox.address for mailbox in mailboxes if mailbox.enabled), '')
            host = servers.host_for(store, login)
        return super().get_context_data(
            devices=devices(passwords),
            host=host,
            login=login,
            webmail_apps=webmail_apps.usable(not self.visitor.alone),
            **kwargs,
        )

    def show(self, made: dict[str, Any]) -> HttpResponse:
        """The page of a kind of device, with the values a new one needs."""
        context = self.get_context_data()
        return self.page('email-device-new.html', **context, **_given(made, context))

    def make(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """The password of a new device, or the link by which it fetches its profile."""
        kind, label, given = (wanted[name] for name in ('kind', 'label', 'password'))
        if kind == DeviceKind.APPLE:
            link = self.own(privileged.own_profile_link, label, given)
            return {'kind': kind, 'link': link, 'label': label}
        made = NewAppPassword.from_json(self.own(privileged.own_app_password_add, label, given))
        return {'kind': kind, 'password': made.password, 'label': made.entry.label,
                'told': made.told}  # fmt: skip


def _given(made: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """The values a new device needs; only the page of its kind shows them."""
    login, host = context['login'], context['host']
    if link := made.get('link'):
        url = f'https://{host}{reverse("email:profile")}#{link["secret"]}'
        link = MadeLink.from_json(link)
        return {**made, 'url': url, 'drawing': account_code.drawing(url), 'link': link}
    key = made['password'].partition('-')[0]
    device = next((each for each in context['devices'] if each.entry.key_id == key), None)
    is_read = login and made['kind'] == DeviceKind.ANDROID
    drawing = account_drawing(login, host, made['password']) if is_read else ''
    return {**made, 'made': device, 'drawing': drawing}


class MyDeviceRemove(UserPage, ConfirmView[AppPassword]):
    """The question whether a device is to be locked out."""

    title = gettext_lazy('Devices')
    template_name = 'email-device-remove.html'
    kind = AppPassword
    submit = gettext_lazy('Revoke password')
    back = 'my-devices'
    back_to_entry = False
    use: ClassVar[Use] = READ

    def find(self, store: Store) -> AppPassword:
        """The password if it is the user's own, for the use this page is about."""
        found = apppassword.get(store, self.owner(store), self.key)
        if found.use != self.use:
            raise missing(AppPassword, self.key)
        return found

    def get_title(self) -> Text:
        """The question."""
        if not hasattr(self, 'entry'):
            return self.title
        return pages.REVOKE_PASSWORD.format(label=self.entry.label)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add which password it is."""
        return super().get_context_data(password=self.entry, **kwargs)

    def save(self, _form: MailForm) -> HttpResponse:
        """Revoke it; sessions that use it end."""
        self.own(privileged.own_app_password_remove, self.key)
        self.tell(pages.PASSWORD_REVOKED
                  .format(label=self.entry.label))  # fmt: skip
        return self.go(self.back)
