# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notices of the box to a person, as messages from the postmaster of a domain of ours."""

from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid

from .system_mail import send


def compose(to: str, domain: str, subject: str, text: str) -> EmailMessage:
    """A notice to an address."""
    message = EmailMessage()
    message['From'] = formataddr(('FreedomBox', f'postmaster@{domain}'))
    message['To'] = to
    message['Subject'] = subject
    message['Date'] = formatdate()
    message['Message-ID'] = make_msgid(domain=domain)
    message['Auto-Submitted'] = 'auto-generated'
    message.set_content(text)
    return message


def tell(to: str, domain: str, subject: str, text: str) -> None:
    """Send a notice; MailError when Postfix did not take it."""
    send(compose(to, domain, subject, text), sender=f'postmaster@{domain}')
