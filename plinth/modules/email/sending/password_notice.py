# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail that tells an owner of a new app password, so that one created by someone else is noticed.

It goes to the owner's mailbox through the box's own mail server, as mail of the system, and
holds nothing that opens anything. A password whose owner could not be told works all the
same; the page on which it was created says so, and the log too.
"""

import logging
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid

from ..directory.apppassword import AppPassword
from ..directory.mailbox import Mailbox
from ..directory.person import Owner
from ..directory.store import Store
from ..directory.verbs import own
from ..errors import MailError
from ..words import messages as words
from .system_mail import send

logger = logging.getLogger(__name__)


def message_about(password: AppPassword, address: str, domain: str) -> EmailMessage:
    """The message about a new app password."""
    made = password.created.strftime('%Y-%m-%d %H:%M UTC')
    text = words.PASSWORD.format(device=password.label, created=made, start=password.key_id)
    message = EmailMessage()
    message['From'] = formataddr(('FreedomBox', f'postmaster@{domain}'))
    message['To'] = address
    message['Subject'] = words.PASSWORD_SUBJECT.format(device=password.label)
    message['Date'] = formatdate()
    message['Message-ID'] = make_msgid(domain=domain)
    message['Auto-Submitted'] = 'auto-generated'
    message.set_content(text)
    return message


def _address_of(store: Store, owner: Owner) -> str:
    """The mailbox in use an owner reads first, '' if there is none."""
    boxes = (owner,) if isinstance(owner, Mailbox) else own.mailboxes_of(store, owner)
    return next((mailbox.address for mailbox in boxes if mailbox.enabled), '')


def tell(store: Store, owner: Owner, password: AppPassword) -> bool:
    """Send an owner the message about a new app password; False when that failed."""
    address = _address_of(store, owner)
    domain = store.settings().primary_domain or address.rpartition('@')[2]
    if not address:
        return False
    try:
        send(message_about(password, address, domain), sender=f'postmaster@{domain}')
    except MailError as error:
        logger.warning('%s was not told of a new app password: %s', address, error.detail)
        return False
    return True
