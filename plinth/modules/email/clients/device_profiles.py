# SPDX-License-Identifier: AGPL-3.0-or-later
"""Links by which an iPhone, iPad or Mac fetches its profile, once, within minutes.

The person asks for a link with their present password and opens it on the device, without a login
there. The app password is made at that moment and stands in the profile alone, so no password
waits anywhere, and one that is not fetched does not exist. The owner was settled when the link was
made, by identity.

DIAGNOSTICS
    profile-link-invalid   the link is unknown, used or too old
    profile-not-signed     certificate or key of the mail host cannot be read
    And the errors of `authentication.device_passwords`, unchanged.
"""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ..authentication import device_passwords
from ..authentication.secret_links import SecretLinks
from ..directory import apppassword
from ..directory.entry import now
from ..directory.person import Owner, Person, owner_of
from ..directory.store import Store
from ..directory.verbs import own
from ..system.json_value import JsonValue
from ..words import clients as words
from . import apple_profile
from .account import ClientAccount
from .servers import settings_of

MINUTES = 15


@dataclass(frozen=True)
class ProfileLink(JsonValue):
    """The device a link is for, and its owner, as `person.owner_of` takes them."""

    owner: str
    owner_id: str
    alone: bool
    label: str
    expires: datetime

    def is_of(self, owner: Owner) -> bool:
        """Whether it belongs to an owner."""
        return (self.owner_id, self.owner) == _names(owner)


@dataclass(frozen=True)
class MadeLink(JsonValue):
    """A link's secret, which is shown this once only, and the moment it ends."""

    secret: str
    expires: datetime


@dataclass(frozen=True)
class Profile(JsonValue):
    """A profile in base64, and the domain it is for."""

    domain: str
    content: str


LINKS = SecretLinks(
    ProfileLink,
    Path('/var/lib/freedombox-email/profile-links.json'),
    Path('/run/freedombox-email-profile-links.lock'),
    error='profile-link-invalid',
    most=500,
)


def _names(owner: Owner) -> tuple[str, str]:
    """Identity and name of a person, or the address of a stand-alone mailbox."""
    return (owner.id, owner.name) if isinstance(owner, Person) else ('', owner.address)


def make(store: Store, owner: Owner, label: str, present: str) -> MadeLink:
    """Make a link, given the owner's present password; an earlier one of theirs is void."""
    device_passwords.check(store, owner, present)
    apppassword.check_label(label)
    apppassword.check_room(apppassword.of_owner(store, owner))
    own.main_address(store, owner)
    id_, name = _names(owner)
    expires = now() + timedelta(minutes=MINUTES)
    link = ProfileLink(name, id_, not isinstance(owner, Person), label, expires)
    return MadeLink(LINKS.make(link, instead=lambda each: each.is_of(owner)), expires)


def find(secret: str) -> ProfileLink:
    """The device a link is for."""
    return LINKS.find(secret)


def fetch(store: Store, secret: str) -> Profile:
    """The profile of a link, which is used up, with a new app password in it."""
    with LINKS.used(secret) as link:
        owner = owner_of(store, link.owner, link.alone, link.owner_id)
        address = own.main_address(store, owner)
        made = device_passwords.make(store, owner, link.label)
        settings = settings_of(store, address.rpartition('@')[2])
        document = apple_profile.document(
            ClientAccount(settings, address, made.password), words.PROFILE
        )
        signed = apple_profile.signed(document, settings.host)
        return Profile(settings.domain, base64.b64encode(signed).decode())
