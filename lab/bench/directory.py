# SPDX-License-Identifier: AGPL-3.0-or-later
"""The cost of a full directory: 50 domains, 500 mailboxes and 10,000 aliases.

It is measured on a box with this app that is thrown away afterwards, beside the lab's box,
whose directory is nearly empty.
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path

from .. import container, freedombox
from ..host import LabError, run, step
from ..settings import BOX, FRESH, OUTSIDE, Machine
from ..web import BoxPage, Browser
from . import boxes, latency, usage
from .lookup import Answers, Questions
from .results import BenchRow, Goal, Results
from .throughput import Load, measure

DOMAINS = tuple(f'many{number:02}.test' for number in range(50))
MAILBOXES = tuple(f'box{number}@{domain}' for domain in DOMAINS for number in range(10))
ALIASES = tuple(f'name{number:03}@{domain}' for domain in DOMAINS for number in range(200))
_PATTERNS = tuple(f'shop{number}-*@{DOMAINS[number]}' for number in range(len(DOMAINS)))
_LOAD = Load('8 KB', 8 * 1024, 1000, 120)
_APP = '/freedombox/apps/email/'
_ASKER = Path(__file__).with_name('lookup.py')
_HASH = '{SSHA}nobodyKnowsThisPasswordAtAll='
_LISTS = (
    ('list of domains', 'domains/'),
    ('list of addresses', 'addresses/'),
    ('last page of the addresses', 'addresses/?page=423'),
    ('addresses of one domain', f'addresses/?domain={DOMAINS[7]}'),
    ('search among the addresses', 'addresses/?q=name042'),
    ('addresses that are off', 'addresses/off/'),
    ('list of mailboxes', 'mailboxes/'),
    ('list of aliases', 'aliases/'),
    ('last page of the aliases', 'aliases/?page=400'),
    ('aliases of one domain', f'aliases/?domain={DOMAINS[7]}'),
    ('search among the mailboxes', 'mailboxes/?q=box7'),
    ('search among the aliases', 'aliases/?q=name042'),
    ('search for what is not there', 'aliases/?q=nobody-has-this'),
)
_STATUS = ('status',)
_VERBS = (
    ('domain', 'list'),
    ('mailbox', 'list', '--domain', DOMAINS[3]),
    ('mailbox', 'show', MAILBOXES[77]),
    ('alias', 'list', '--domain', DOMAINS[3]),
    ('alias', 'add', f'verb@{DOMAINS[3]}', MAILBOXES[3]),
    ('alias', 'change', f'verb@{DOMAINS[3]}', '--note', 'changed'),
    ('alias', 'remove', f'verb@{DOMAINS[3]}'),
    ('resolve', ALIASES[4242]),
    ('app-password', 'add', 'alice', 'bench'),
    _STATUS,
)


def _site() -> str:
    """Domains, mailboxes and patterns as YAML, of which JSON is a part."""
    return json.dumps({
        'domains': [{'name': name} for name in DOMAINS],
        'mailboxes': [{'address': each, 'password_hash': _HASH} for each in MAILBOXES],
        'aliases': [
            {'address': each, 'destinations': [MAILBOXES[number]]}
            for number, each in enumerate(_PATTERNS)
        ],
    })  # fmt: skip


def _csv() -> str:
    chance = random.Random(1)  # noqa: S311 (the same aliases every time)
    lines = (f'{each},{chance.choice(MAILBOXES)},An alias of the bench' for each in ALIASES)
    return '\n'.join(['address,destinations,note', *lines, ''])


def command(*arguments: str, stdin: str | None = None) -> float:
    """Run the command in the box and return how many seconds it took.

    `status` reports what is wrong with the box as its exit code, so it may fail.
    """
    begin, check = time.monotonic(), arguments != _STATUS
    container.execute(FRESH, ['freedombox-email', *arguments], stdin=stdin, check=check)
    return time.monotonic() - begin


def fill(results: Results) -> None:
    """Bring all entries into the directory; importing the aliases is measured."""
    with step('50 domains and 500 mailboxes'):
        command('apply', '-', stdin=_site())
    usage.wait_until_quiet()
    with step('10,000 aliases'):
        seconds = command('import', '-', stdin=_csv())
    results.figure('importing 10,000 aliases, s', seconds, Goal(30, False, False))
    status = ['freedombox-email', *_STATUS, '--json']
    found = json.loads(container.execute(FRESH, status, check=False).stdout)
    if found['aliases'] < len(ALIASES):
        raise LabError(f'The directory does not hold what was imported: {found}')


def lists(results: Results, times: int) -> None:
    """Take the time of every list and search, and weigh the pages."""
    browser = freedombox.log_in(FRESH)
    for title, path in _LISTS:
        durations = []
        for _ in range(times):
            begin = time.perf_counter()
            page = browser.get(_APP + path)
            durations.append(1000 * (time.perf_counter() - begin))
            if page.status != 200:
                raise LabError(f'{path} answers {page.status}.')
        results.figure(f'{title}, ms', statistics.median(durations), Goal(100, False, False))
        size = len(page.text.encode()) / 1024
        results.figure(f'{title}, KB', size, Goal(80, False, False))


def verbs(results: Results, times: int) -> None:
    """Take the time of single verbs of the command."""
    durations: dict[str, list[float]] = {}
    for _ in range(times):
        for words in _VERBS:
            title = ' '.join(word for word in words[:2] if '@' not in word)
            durations.setdefault(title, []).append(command(*words))
    for title, values in durations.items():
        results.figure(f'`freedombox-email {title}`, s', statistics.median(values),
                       Goal(0.6, False, False))  # fmt: skip


def _ask(questions: Questions) -> Answers:
    """Ask in the network of the outside mail host."""
    words: list[str | Path] = ['nsenter', f'--target={container.leader(OUTSIDE)}', '--net', '--',
             sys.executable, '-I', _ASKER]  # fmt: skip
    answer = run(words, stdin=json.dumps(asdict(questions)), timeout=questions.seconds + 60)
    return Answers(**json.loads(answer.stdout))


def lookups(results: Results, count: int) -> None:
    """Take the time of Postfix's answers about recipients of each kind."""
    chance = random.Random(2)  # noqa: S311 (the same recipients every time)
    kinds: tuple[tuple[str, Sequence[str], str], ...] = (
        ('a mailbox', chance.sample(MAILBOXES, k=count), '250'),
        ('an alias', chance.sample(ALIASES, k=count), '250'),
        ('a mailbox with a label', [f'{each.replace("@", "+x@")}' for each in MAILBOXES], '250'),
        ('a pattern', [each.replace('*', f'{n}') for n, each in enumerate(_PATTERNS)], '250'),
    )
    for title, recipients, code in kinds:
        answers = _ask(Questions(FRESH.ip, list(recipients[:count])))
        if set(answers.codes) != {code}:
            raise LabError(f'Not every recipient of the kind "{title}" is known: {answers.codes}')
        results.figure(f'RCPT for {title}, ms', statistics.median(answers.times),
                       Goal(3, False, False))  # fmt: skip


def clicks(results: Results) -> None:
    """Take the time from a click until an alias works, and until it does not any more."""
    browser = freedombox.log_in(FRESH)
    address = f'clicked@{DOMAINS[9]}'
    goal = Goal(1, False, False)
    page = browser.get(f'{_APP}aliases/add/')
    fields = {'local': 'clicked', 'domain': DOMAINS[9], 'destinations': MAILBOXES[9]}
    seconds = _until(address, '250', lambda: _post(browser, page, 'destinations', fields))
    results.figure('from the click until an alias takes mail, s', seconds, goal)
    question = browser.get(f'{_APP}aliases/at/{address}/remove/')
    seconds = _until(address, '550', lambda: _post(browser, question, 'version', {}))
    results.figure('from the click until a removed alias refuses it, s', seconds, goal)


def _post(browser: Browser, page: BoxPage, has_field: str, fields: dict[str, str]) -> None:
    browser.submit(page, page.form(has_field=has_field), **fields)


def _until(address: str, code: str, click: Callable[[], None]) -> float:
    """How many seconds after the click Postfix answers with this code."""
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(_ask, Questions(FRESH.ip, [address], code))
        begin = time.monotonic()
        click()
        answers = asking.result()
    if answers.codes[-1:] != [code]:
        raise LabError(f'{address} is not answered with {code} after the click: {answers.codes}')
    return answers.at - begin


def _throughput(results: Results, times: int, seed: int) -> None:
    """The rates of both boxes under load in turn, and their ratio."""
    row = BenchRow('8 KB')

    def load(machine: Machine, number: int) -> None:
        rates = row.ours if machine == FRESH else row.theirs
        rates.append(measure(machine, _LOAD, seed + number).delivered)

    boxes.in_turn((FRESH, BOX), row.title, times, load)
    results.figure('delivered per second (8 KB)', statistics.median(row.ours))
    results.figure('delivered per second into a nearly empty one', statistics.median(row.theirs))
    results.figure('delivered per second, as a part of that', statistics.median(row.ratios()),
                   Goal(0.95, True, False))  # fmt: skip


def measure_all(results: Results, seed: int, times: int) -> None:
    """Make a box with a full directory, and measure everything on it."""
    latency.install(BOX)
    for machine in (BOX, FRESH):
        boxes.start_afresh(machine)
    fill(results)
    parts: tuple[tuple[str, Callable[[], None]], ...] = (
        ('Lists and searches', partial(lists, results, 4 * times)),
        ('Verbs of the command', partial(verbs, results, times)),
        ('Look-ups', partial(lookups, results, 200)),
        ('From click to effect', partial(clicks, results)),
    )
    for what, action in parts:
        usage.wait_until_quiet()
        with step(what):
            action()
    _throughput(results, times, seed)
