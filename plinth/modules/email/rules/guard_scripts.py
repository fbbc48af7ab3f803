# SPDX-License-Identifier: AGPL-3.0-or-later
"""The scripts of guarded mailboxes: written from the directory, compiled, and put in place.

    follow(store)    all of them, when own domains change or a directory is restored
    stand_by()       those of mailboxes that any verb adds, changes or removes, from then on

The script of a mailbox is there before its entry says that it is guarded, so no message gets past
it: a person who is guarded may get another mailbox by many ways.

A script looks at the line `X-FreedomBox-Author`, which Rspamd writes into mail from outside alone
(`author.lua`). Mail of users has none, and their From line is checked when they send. A message
with more than one such line is of no one that is known. Scripts are root's, for no one but
Dovecot to read, and outside of the home of the mailbox.

DIAGNOSTICS
    sieve-failed   a script could not be compiled; those in use stay
"""

import grp
import logging
import os
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..config.guarded import FOLDER, GUARDS, IN_USE, NAMESPACE, scripts_of
from ..config.users import MAIL_USER
from ..directory import acts
from ..directory.acts import Acting, PendingEntries
from ..directory.address import unicode_domain
from ..directory.domain import Domain
from ..directory.guard import Guard, written_forms
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..errors import MailError
from ..system import files, programs
from .sieve import SIEVEC

AUTHOR = 'X-FreedomBox-Author'
LOCK = Path('/run/freedombox-email-guards.lock')
_SECONDS = 20
_PLACES = f'{NAMESPACE}/{FOLDER}'
logger = logging.getLogger(__name__)


def _quoted(texts: Iterable[str]) -> str:
    """A list of strings (RFC 5228, 2.4.2)."""
    escaped = (text.replace('\\', '\\\\').replace('"', '\\"') for text in texts)
    return '[' + ', '.join(f'"{text}"' for text in escaped) + ']'


def _forms(domains: Iterable[str]) -> list[str]:
    """All ways of writing some domains."""
    return sorted({form for each in domains for form in (each, unicode_domain(each))})


def _tests(guard: Guard, own: Collection[str]) -> Iterator[str]:
    """Yield the tests a message of a known correspondent passes one of."""
    domains = _forms([*own, *(each[1:] for each in guard.known if each[0] == '@')])
    one = f'header :count "eq" :comparator "i;ascii-numeric" "{AUTHOR}" "1"'
    single = [form for each in guard.known if each[0] != '@' for form in written_forms(each)]
    if single:
        yield f'allof ({one}, header :is "{AUTHOR}" {_quoted(single)})'
    if domains:
        ends = _quoted(f'*@{each}' for each in domains)
        yield f'allof ({one}, header :matches "{AUTHOR}" {ends})'
    if own:
        yield f'allof (not exists "{AUTHOR}", address :domain :is "From" {_quoted(_forms(own))})'


def script(guard: Guard, own: Collection[str]) -> str:
    """The script of a guard; `own` are the domains of this box."""
    tests = ',\n  '.join(_tests(guard, own)) or 'false'
    return (
        'require ["fileinto", "mailbox", "relational", "comparator-i;ascii-numeric"];\n'
        f'if not anyof (\n  {tests}\n) {{\n'
        f'  fileinto :create "{_PLACES}";\n  stop;\n}}\n'
    )


def _put(path: Path, content: bytes) -> None:
    files.put(path, content, 0o640)
    os.chown(path, 0, grp.getgrnam(MAIL_USER).gr_gid)


def _compile(source: Path, target: Path) -> None:
    programs.must([SIEVEC, str(source), str(target)], 'sieve-failed', script=str(source))


def _write(plain: Path, compiled: Path, text: str) -> None:
    """Write a script and its compiled form, which is good at the place of the script alone."""
    with tempfile.TemporaryDirectory(prefix='.new-', dir=plain.parent) as place:
        source, target = Path(place, 'guard.sieve'), Path(place, 'guard.svbin')
        source.write_text(text, encoding='utf-8')
        _compile(source, target)  # before the one in use is touched
        _put(plain, text.encode())
        _compile(plain, target)
        _put(compiled, target.read_bytes())


def _install(mailbox: Mailbox, own: Collection[str], folder: Path) -> None:
    """Write or remove the script of a mailbox."""
    text = script(mailbox.guard, own) if mailbox.guard and mailbox.guard.receives_known else ''
    plain, compiled = scripts_of(mailbox.address, folder)
    if not text:
        plain.unlink(missing_ok=True)
        compiled.unlink(missing_ok=True)
    elif not (plain.exists() and compiled.exists() and plain.read_text('utf-8') == text):
        _write(plain, compiled, text)


def _own(store: Store) -> tuple[str, ...]:
    return tuple(each.name for each in store.search(Domain) if each.enabled)


def _settle(store: Store, addresses: Collection[str], folder: Path) -> None:
    """Have the scripts of some addresses be as the directory wants them."""
    own, found = _own(store), store.find_many(Mailbox, addresses)
    with files.locked(LOCK, _SECONDS):
        for address in addresses:
            _install(found.get(address) or Mailbox(address), own, folder)
        _mark(store, folder)


def _mark(store: Store, folder: Path) -> None:
    """Have the timer's work done while any mailbox is guarded."""
    if store.having(Mailbox, 'guard_rules'):
        (folder / IN_USE).touch()
    else:
        (folder / IN_USE).unlink(missing_ok=True)


def follow(store: Store, folder: Path = Path(GUARDS)) -> None:
    """Have all scripts follow the directory."""
    guarded = {each.address for each in store.having(Mailbox, 'guard_rules')}
    present = {path.stem for path in folder.glob('*@*')}
    _settle(store, guarded | present, folder)


def _prepare(store: Store, guarded: Collection[Mailbox], folder: Path) -> None:
    """Put the scripts of mailboxes that will be guarded in place."""
    if guarded:
        own = _own(store)
        with files.locked(LOCK, _SECONDS):
            (folder / IN_USE).touch()
            for each in guarded:
                _install(each, own, folder)


def _settle_later(store: Store, addresses: Collection[str], folder: Path) -> None:
    """Have scripts be as the directory wants them, or leave that to the timer."""
    try:
        _settle(store, addresses, folder)
    except (MailError, OSError) as error:
        logger.warning('Scripts of guarded mailboxes do not follow yet: %s', error)


@contextmanager
def placing(store: Acting, pending: PendingEntries) -> Iterator[None]:
    """Have the scripts of mailboxes a transaction changes be there before its end."""
    assert isinstance(store, Store)  # noqa: S101
    mailboxes, folder = pending.of(Mailbox), Path(GUARDS)
    guarded = [each for each in mailboxes.values() if each and each.guard_rules]
    present = {each for each in mailboxes if scripts_of(each, folder)[0].exists()}
    _prepare(store, guarded, folder)
    try:
        yield
    finally:
        if concerned := present.union(each.address for each in guarded):
            _settle_later(store, concerned, folder)


def stand_by() -> None:
    """Have the scripts follow all acts of this process."""
    if placing not in acts.followers:
        acts.followers.append(placing)
