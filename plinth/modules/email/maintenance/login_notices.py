# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages to owners about logins from networks they were never seen in.

The service that watches logins has no rights: it leaves notes, and this program of root's reads
them, asks the directory whose mailbox it is, and sends each owner one message with a link by which
they can say that it was not them.
"""

import json
import logging
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

from ..authentication import disowning
from ..authentication.disowning import Disowned, OwnLogin
from ..directory.mailbox import Mailbox
from ..directory.person import of_mailbox
from ..directory.store import Store
from ..directory.verbs import own
from ..errors import MailError
from ..sending import box_notice
from ..system import nofollow
from ..system.json_value import JsonValue
from ..words import misuse as words
from . import password_link

FOLDER = Path('/var/lib/private/freedombox-email-logins/tell')
"""Where systemd keeps the state of a service with a user of its own each time (`DynamicUser`)."""
LINK_PATH = '/freedombox/apps/email/not-me/'
LARGEST = 4096
_KEY = re.compile('[a-z2-9]{4}|')
_COUNTRY = re.compile('[A-Z]{2}|')
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LoginNote(JsonValue):
    """A login in a new network, as the service saw it."""

    login: str
    remote: str
    service: str
    key_id: str
    country: str
    at: datetime

    def __post_init__(self) -> None:
        """Refuse what cannot be such a login."""
        ip_address(self.remote)
        if not _KEY.fullmatch(self.key_id) or not _COUNTRY.fullmatch(self.country):
            raise ValueError('no key, or no country')


def take(folder: Path = FOLDER) -> list[LoginNote]:
    """The notes there are, which are removed."""
    found: list[LoginNote] = []
    with suppress(FileNotFoundError), nofollow.folder(folder) as handle:
        for name in os.listdir(handle):  # noqa: PTH208 - by descriptor
            with suppress(OSError, ValueError, MailError):
                note = LoginNote.from_json(json.loads(nofollow.read(folder / name, LARGEST)))
                found.append(note)
            with suppress(OSError):  # what stayed would have systemd start it again
                os.unlink(name, dir_fd=handle)
    return sorted(found, key=lambda each: each.at)


def _text(note: LoginNote, login: OwnLogin, link: str) -> str:
    """The message about a login."""
    password = words.LOGIN_DEVICE if login.key_id else words.LOGIN_ACCOUNT
    return words.LOGIN.format(
        address=login.address,
        time=note.at.strftime('%Y-%m-%d %H:%M UTC'),
        remote=note.remote,
        country=f'{words.LOGIN_COUNTRY}\n'.format(country=note.country) if note.country else '',
        service=words.SERVICES.get(note.service, note.service[:20]),
        password=password.format(label=login.label or login.key_id, key=login.key_id),
        days=disowning.DAYS,
        link=link,
        effect=words.REVOKES if login.key_id else words.FREEZES,
    )


def _main_address(store: Store, mailbox: Mailbox) -> str:
    """Where the owner of a mailbox reads mail, for a thief may take one that is never opened."""
    with suppress(MailError):
        return own.main_address(store, of_mailbox(store, mailbox))
    return mailbox.address


def _tell(store: Store, note: LoginNote) -> None:
    """Tell the owner of one login; a mailbox that is gone has none."""
    mailbox = store.find(Mailbox, note.login)
    if mailbox is None or not mailbox.enabled:
        return
    secret, login = disowning.make(store, mailbox, note.remote, note.key_id, note.at)
    link = password_link.link_for(store, mailbox.address, secret, LINK_PATH)
    subject = words.LOGIN_SUBJECT.format(address=mailbox.address, remote=note.remote)
    to = _main_address(store, mailbox)
    box_notice.tell(to, to.rpartition('@')[2], subject, _text(note, login, link))


def tell_all() -> None:
    """Tell of all logins that were noted."""
    notes = take()
    if not notes:
        return
    with Store() as store:
        for note in notes:
            try:
                _tell(store, note)
            except MailError as error:
                logger.warning('%s was not told of a login: %s', note.login, error.detail)


def disown(store: Store, secret: str) -> Disowned:
    """Disown a login by its link; the administrator hears of a mailbox that is frozen for it."""
    done = disowning.use(store, secret)
    if done.frozen:
        values = {'address': done.login.address, 'remote': done.login.remote}
        primary = store.settings().primary_domain or done.login.address.rpartition('@')[2]
        subject, text = words.DISOWNED_SUBJECT, words.DISOWNED
        try:
            box_notice.tell(
                f'postmaster@{primary}', primary, subject.format(**values), text.format(**values)
            )
        except MailError as error:
            logger.warning('The administrator was not told of a login: %s', error.detail)
    return done
