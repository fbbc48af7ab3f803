# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages of a house with 500 rules.

A hundred mailboxes have five rules each: a reply, filters, a forward, a quota, an end date. One
more has as many filters as a mailbox may have, and as many stand before those of all mailboxes.
"""

import json
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .. import container, freedombox, settings
from ..host import LabError, step
from ..settings import BOX
from ..web import Browser
from . import usage
from .results import Goal, Results

COUNT = 21
_MAIN = settings.DOMAINS[0]
_USER = settings.USERS[0]
_MAILBOXES = tuple(f'bench-house{number:03}@{_MAIN}' for number in range(100))
_RULES = 5 * len(_MAILBOXES)
_APP = '/freedombox/apps/email/'
MOST_FILTERS = 50
_MAIL = 'freedombox-email'
_HASH = '{SSHA}nobodyKnowsThisPasswordAtAll='
_FILLER = """
import dataclasses, datetime, json, sys
from plinth.modules.email.directory.mail_filter import FilterCondition, MailFilter, filters_text
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.store import PageStore
from plinth.modules.email.directory.vacation import Vacation
from plinth.modules.email.directory.verbs import mail_rules
from plinth.modules.email.rules import placement

def filters(count):
    return tuple(
        MailFilter(f'Filter {n}', (FilterCondition('from', f'nobody-{n}@'),), folder=f'Folder {n}')
        for n in range(count))

placement.stand_by()
mailboxes, full, most = json.loads(sys.argv[1])
end = datetime.datetime.now(datetime.UTC).replace(microsecond=0) + datetime.timedelta(days=300)
with PageStore() as store:
    mail_rules.choose_filters(store, full, filters(most))
    mail_rules.choose_common_filters(store, 'before', filters(most))
    for address in mailboxes:
        present = store.get(Mailbox, address)
        store.change(present, dataclasses.replace(
            present, sorting=filters_text(filters(5)), away=str(Vacation('Away.')),
            forwards=(full,), quota='2 GB', expires=end))
"""
_EMPTIER = """
import json, sys
from plinth.modules.email.directory.store import PageStore
from plinth.modules.email.directory.verbs import mail_rules
from plinth.modules.email.rules import placement

placement.stand_by()
with PageStore() as store:
    mail_rules.choose_filters(store, sys.argv[1], ())
    mail_rules.choose_common_filters(store, 'before', ())
"""
_PAGES = (
    ('rules of all mailboxes', settings.ADMIN, 'addresses/rules/'),
    ('list of mailboxes', settings.ADMIN, 'mailboxes/'),
    ('list of addresses', settings.ADMIN, 'addresses/'),
    ('a mailbox', settings.ADMIN, f'mailboxes/at/{_MAILBOXES[7]}/'),
    ('delivery, with 50 filters for all', settings.ADMIN, 'delivery/'),
    ('away, with 50 filters', _USER, 'my/away/'),
    ('a filter', _USER, f'my/away/of/{_USER.address}/filters/7/'),
)


def _mail(*words: str, stdin: str | None = None) -> None:
    container.execute(BOX, [_MAIL, *words], stdin=stdin)


def _program(text: str, argument: str) -> None:
    """Run a program beside FreedomBox's own code in the box."""
    container.execute(BOX, ['python3', '-', argument], stdin=text)


@contextmanager
def _prepared() -> Iterator[None]:
    """Have the rules, and remove them afterwards."""
    site = {'mailboxes': [{'address': each, 'password_hash': _HASH} for each in _MAILBOXES]}
    try:
        _mail('apply', '-', stdin=json.dumps(site))
        _program(_FILLER, json.dumps([_MAILBOXES, _USER.address, MOST_FILTERS]))
        yield
    finally:
        _program(_EMPTIER, _USER.address)
        for each in _MAILBOXES:
            _mail('mailbox', 'remove', '--delete-mail', each)


def _time(browser: Browser, path: str, count: int) -> float:
    """The middle time of a page in milliseconds."""
    durations = []
    for _ in range(count):
        begin = time.perf_counter()
        status = browser.get(_APP + path).status
        durations.append(1000 * (time.perf_counter() - begin))
        if status != 200:
            raise LabError(f'{path} answers {status}.')
    return statistics.median(durations)


def measure_all(results: Results, count: int = COUNT) -> None:
    """Measure pages of a house with many rules."""
    with step(f'{_RULES} rules'), _prepared():
        usage.wait_until_quiet()
        for user in (settings.ADMIN, _USER):
            browser = freedombox.log_in(BOX, user)
            for title, whose, path in _PAGES:
                if whose == user:
                    found = _time(browser, path, count)
                    results.figure(f'{title}, ms', found, Goal(100, False, False))
