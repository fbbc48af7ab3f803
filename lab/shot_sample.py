# SPDX-License-Identifier: AGPL-3.0-or-later
"""Something to see on the box, for the pictures of pages."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from . import container, dns, guarded_scene, life, reports, settings, shared_scene
from .settings import ADMIN, BOX, DOMAINS, OUTSIDE_USERS, USERS

ALICE, BOB = USERS
MAIN, OTHER = DOMAINS


_FAULTY = f"""
@ A {BOX.ip}
@ MX 10 mail.outside.test.
@ TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc TXT "v=DMARC1; p=quarantine; rua=mailto:postmaster@{OTHER}"
autoconfig A 192.0.2.80
"""
"""A zone from the time before this box had the mail."""


_FORGET_LISTED = """
from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.store import Store
with Store() as store:
    found = store.search(Alias, 'listed-')
    if found:
        with store.transaction():
            for alias in found:
                store.remove(Alias, alias.address)
"""


def mail(words: list[str], stdin: str | None = None, check: bool = True) -> None:
    """Run one verb of the command on the box."""
    container.execute(BOX, ['freedombox-email', *words], stdin=stdin, check=check)


def _aliases() -> list[list[str]]:
    """The arguments of the aliases to see."""
    end = (date.today() + timedelta(days=90)).isoformat()
    return [
        [f'sales@{MAIN}', ALICE.address, BOB.address, '--note', 'The shop'],
        [f'team-*@{MAIN}', f'sales@{MAIN}', OUTSIDE_USERS[0].address, '--sender', BOB.address],
        [f'fair@{OTHER}', ADMIN.address, '--until', end, '--note', 'Spring fair'],
        [f'old-shop@{OTHER}', BOB.address, '--off'],
        [f'family@{MAIN}', ADMIN.address, ALICE.address, BOB.address, OUTSIDE_USERS[0].address],
    ]


_RULES = (
    ['vacation', ALICE.address, '--subject', 'Out of office', '--text',
     "Thank you for your message. I'm away and will answer when I'm back.\n\nFor orders, please "
     f'write to sales@{MAIN}.'],
    ['add-filter', ALICE.address, 'Choir', '--list', 'choir', '--folder', 'Choir'],
    ['add-filter', ALICE.address, 'Invoices', '--subject', 'invoice', '--from', 'billing@', '--any',
     '--folder', 'Money/Invoices', '--flag', 'flagged'],
    ['add-filter', 'before', 'Printer', '--from', f'printer@{MAIN}', '--folder', 'Scans'],
    ['add-filter', ALICE.address, 'Competitions', '--subject', 'You have won', '--discard'],
)  # fmt: skip


@contextmanager
def sample() -> Iterator[None]:
    """Fill the box with something to see, and take it away afterwards."""
    _clean()
    mail(['domain', 'change', MAIN, '--user-aliases', '10'])
    mail(['domain', 'change', OTHER, '--catch-all', BOB.address])
    for address in ('club', 'choir'):
        mail(['mailbox', 'add', f'{address}@{MAIN}'], 'a-password-of-the-lab\n')
    mail(['mailbox', 'disable', f'choir@{MAIN}'])
    for words in _aliases():
        mail(['alias', 'add', *words])
    for label in ('Phone', 'Laptop'):
        mail(['app-password', 'add', ALICE.username, label])
    relay = ['relay', 'add', 'provider', '--preset', 'mailbox-org', '--login', ADMIN.address]
    mail(relay, 'a-password-of-the-lab\n')
    for words in _RULES:
        mail(['rules', *words])
    mail(['route', 'set', 'relay:provider', '--destination', 'outlook.com', 'hotmail.com'])
    guarded_scene.add()
    shared_scene.add()
    reports.fill()
    server = ['dns', 'server', OTHER, settings.DNS, '--key-name', dns.UPDATE_KEY]
    mail(server, dns.UPDATE_SECRET + '\n')
    faulty = dns.LabZone(OTHER, _FAULTY, dns.CHANGEABLE)
    dns.publish([*(zone for zone in life.zones() if zone.domain != OTHER), faulty])
    for domain in DOMAINS:
        mail(['dns', 'check', domain], check=False)
    try:
        yield
    finally:
        _clean()
        mail(['dns', 'server', OTHER, '--remove'])
        life.publish_zones()


def _clean() -> None:
    """Remove the entries made for the pictures."""
    reports.clear()
    guarded_scene.remove()
    shared_scene.remove()
    words = ['freedombox-email', 'app-password', 'list', ALICE.username, '--json']
    for each in json.loads(container.execute(BOX, words).stdout)['passwords']:
        mail(['app-password', 'remove', each['key_id']])
    container.execute(BOX, ['python3', '-c', _FORGET_LISTED])
    for words in _aliases():
        mail(['alias', 'remove', words[0], '--force'], check=False)
    mail(['rules', 'vacation', '--off', ALICE.address], check=False)
    for words in _RULES[1:]:
        mail(['rules', 'remove-filter', *words[1:3]], check=False)
    for address in ('club', 'choir'):
        mail(['mailbox', 'remove', f'{address}@{MAIN}', '--force'], check=False)
    mail(['route', 'set', 'default', '--destination', 'outlook.com', 'hotmail.com'], check=False)
    mail(['relay', 'remove', 'provider'], check=False)
    mail(['domain', 'change', MAIN, '--user-aliases', '0'], check=False)
    mail(['domain', 'change', OTHER, '--catch-all'], check=False)
