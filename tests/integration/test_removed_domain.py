# SPDX-License-Identifier: AGPL-3.0-or-later
"""A domain that moved away: removed on FreedomBox's page, its mail leaves the house again."""

from collections.abc import Iterator

import pytest

from lab import freedombox, settings
from lab.host import wait_for as until
from tests.conftest import Host

from .mail import answer, message, submit, wait_for

# FreedomBox is killed on purpose, and asks for a certificate where no authority gives one.
pytestmark = [
    pytest.mark.journal_may_say(r'freedombox\S*\[\d+\]: Error running action:? letsencrypt|^ {20}'),
    pytest.mark.journal_may_say('(plinth|apache2|rspamd.*controller_error_handler)'),
]

CAROL = settings.OUTSIDE_USERS[0]
DOMAIN = CAROL.address.partition('@')[2]
PAGE = f'/freedombox/sys/names/domains/{DOMAIN}/delete/'
SECONDS = 240


def is_ours(box: Host) -> bool:
    """Whether mail to the domain stays in the house."""
    table = 'ldap:/etc/postfix/freedombox-email-domains.cf'
    return box.succeeds('postmap', '-q', DOMAIN, table)


def remove(box: Host) -> None:
    """Remove the domain on FreedomBox's page, if it is there."""
    browser = box.browser()
    if PAGE in browser.get('/freedombox/sys/names/').text:
        page = browser.get(PAGE)
        browser.submit(page, page.form())


@pytest.fixture(autouse=True)
def _clean(box: Host) -> Iterator[None]:
    """Leave the domain where it belongs, also after a run that was killed."""

    def gone() -> bool:
        return not is_ours(box)

    def forget() -> None:
        box.run('freedombox-email', 'domain', 'remove', DOMAIN, '--force', check=False)

    remove(box)
    until('the domain to be gone', gone, SECONDS, 1)
    forget()
    yield
    remove(box)
    until('the domain to be gone', gone, SECONDS, 1)
    forget()


@pytest.mark.long
def test_a_domain_removed_just_before_a_crash_is_given_up(box: Host) -> None:
    freedombox.add_domain(box.browser(), DOMAIN)
    until('the domain to be ours', lambda: is_ours(box), SECONDS, 1)
    alice = settings.USERS[0]

    def is_refused() -> bool:
        code, _ = answer(lambda: submit(box.ip, alice, message(alice.address, CAROL.address)))
        return code == 550

    # An smtpd that saw the address before remembers where it led until it ends.
    until('mail to a domain of the house to be kept in it', is_refused, SECONDS, 1)
    remove(box)
    box.run('systemctl', 'kill', '--signal=KILL', 'plinth.service')
    until('the domain to be given up', lambda: not is_ours(box), SECONDS, 1)
    mail = message(alice.address, CAROL.address)
    submit(box.ip, alice, mail)
    wait_for(settings.OUTSIDE.ip, CAROL, mail, encrypted=False)
