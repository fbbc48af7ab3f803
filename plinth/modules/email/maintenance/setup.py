# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bring the daemons in line with the directory and this machine.

:func:`refresh` looks at the box, works out what every file should say, and makes it true in
one transaction. It may be called at any time and does nothing when all is as it should be.

DIAGNOSTICS
    resolver-failed  the policy service of Debian's could not be switched over
    helper-failed   a unit that belongs to a mail service could not be started
    user-missing    the user that reads reports is not there
    folders-failed  the folders for mail could not be made; the detail says why
    What :mod:`..dkim`, :mod:`..filtering.learned`, :mod:`..rules.sieve`, :mod:`..transaction` raise
    passes through.
"""

import os
import pwd
import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from ..clients.roundcube import roundcube_state
from ..config.facts import CertificateFiles, Facts, Signer
from ..config.state import WantedState
from ..config.system import system_state
from ..config.ways_out import TABLES
from ..directory.domain import Domain
from ..directory.entry import check_number, check_user_name
from ..directory.store import Store
from ..dkim import key_state
from ..errors import MailError
from ..filtering import learned, memories
from ..mailstore import rights
from ..rules import guard_scripts, placement, sieve
from ..sending import direct_failures, relay_secrets, route_facts, srs_secrets
from ..system import files, helpers, programs, systemd
from ..transaction import pins, transaction
from . import trace_keeping

_SECONDS = 60
RESOLVER_UNIT = 'postfix-mta-sts-resolver.service'
MASTER_CF = '/etc/postfix/master.cf'
MOST_PEOPLE = 1000
REPORTS_USER = 'fbx-mail-reports'


def setup(people: list[str] | None = None) -> None:
    """Make everything but the packages that the mail system needs. Safe to repeat.

    `people` are the users whose wish it follows, for the history.
    """
    refresh(persons(people or []))
    memories.remove_history()
    programs.run(['postqueue', '-f'])  # mail may have come while a service was starting


def persons(names: Sequence[str]) -> str:
    """Those of these who are users of FreedomBox, or FreedomBox itself, for the history."""
    check_number(names, MOST_PEOPLE)
    for name in names:
        check_user_name(name)
    with Store() as store:
        users = {user.name for user in store.users()}
    return ', '.join(sorted(users.intersection(names))) or 'FreedomBox'


def setup_rehearse() -> None:
    """Have the daemons check the files of `setup`; no setting is changed."""
    _make_folders()
    with sieve.workplace() as folder:
        sieve.prepare(folder)
    transaction.rehearse(wanted_state)


def refresh(
    who: str = 'FreedomBox',
    on_step: transaction.OnStep = transaction.nothing,
    title: str = 'Apply changes of the directory',
) -> transaction.Result:
    """Make the daemons' files as wanted for the present domains."""
    _make_folders()
    with Store() as store:
        rights.settle(store)
    with sieve.workplace() as folder:
        is_compiled = sieve.prepare(folder)
        _tame(RESOLVER_UNIT)
        learned.carry()
        srs_secrets.follow()
        result = transaction.apply(_state_with_keys, title, who, on_step)
        if set(result.files) & set(TABLES):
            programs.run(['postqueue', '-f'])  # mail may have waited for another way
        if is_compiled or sieve.prepare(folder):
            sieve.install(folder)
    placement.settle()
    _follow_guards()
    _start_helpers()
    return result


def _follow_guards() -> None:
    """Have the scripts of guarded mailboxes know the domains of this box."""
    with Store() as store:
        guard_scripts.follow(store)


def _start_helpers() -> None:
    """Start the helpers of the running services; a person or a failure may have stopped some."""
    beside = helpers.wanted(systemd.running(helpers.LEADERS))
    for unit, runs in systemd.running(beside).items():
        if not runs:
            systemd.start_some_time(unit, 'helper-failed')


def _state_with_keys() -> WantedState:
    """The wanted state, after each domain got a key to sign with."""
    facts = gather()
    if facts.routing.relays:
        direct_failures.write_table(direct_failures.kept())
    relay_secrets.write_tables(facts.routing.by_name)
    for domain in facts.domains:
        key_state.ensure(domain)
    return _state(replace(facts, signers=_signers(facts.domains)))


def undo(number: int, who: str, unsafe: bool = False) -> transaction.Result:
    """Take a change of the daemons' files back, and keep it so."""
    return transaction.undo(number, wanted_state, who, unsafe=unsafe)


def release(number: int, who: str) -> transaction.Result:
    """Let the app decide again about the settings of an undone change."""
    return transaction.release(number, _state_with_keys, who)


def settings_release(people: list[str]) -> None:
    """Let the app decide again about all settings that are kept since a change was undone."""
    who = persons(people)
    for number in sorted({pin.change for pin in pins.load()}):
        release(number, who)


def wanted_state() -> WantedState:
    """The wanted state of the daemons' files."""
    return _state(gather())


def _state(facts: Facts) -> WantedState:
    """The state of all files that are ours, also of programs that use the daemons."""
    return system_state(facts) + roundcube_state(facts)


def gather() -> Facts:
    """Look at the directory and the machine."""
    with Store() as store:
        used = [domain for domain in store.search(Domain) if domain.enabled]
        settings = store.settings()
        primary = settings.primary_domain
        routing = route_facts.gather(store)
    domains = tuple(domain.name for domain in used)
    hosts = {domain.client_host for domain in used} - {''}
    return Facts(
        primary_domain=primary if primary in domains else None,
        domains=domains,
        certificates=_certificates({*domains, *hosts}),
        hostname=socket.gethostname().lower() or 'localhost',
        cores=os.cpu_count() or 1,
        memory_mb=_memory_mb(),
        reports_user=_reports_user(),
        signers=_signers(domains),
        own_port_25=has_own_options(files.read(MASTER_CF).text),
        routing=routing,
        subjects=trace_keeping.read().subjects,
        components=settings.component_names,
    )


def has_own_options(master_cf: str) -> bool:
    """Whether the service on port 25 has options, in the text of master.cf; we give it none."""
    found = re.search(r'^smtp[ \t]+inet[ \t].*\n(?:(?:[ \t].*|#.*)?\n)*', master_cf + '\n', re.M)
    lines = found[0].splitlines() if found else ()
    return any(re.search(r'[ \t]-o', line) for line in lines if not line.startswith('#'))


def _signers(domains: tuple[str, ...]) -> tuple[Signer, ...]:
    """The keys mail is to be signed with; none of a domain that is new."""
    return tuple(signer for domain in domains for signer in key_state.signers(domain))


def _certificates(names: Iterable[str]) -> tuple[CertificateFiles, ...]:
    """The certificates whose files are all in place."""
    found = map(CertificateFiles, names)
    return tuple(
        each for each in found
        if all(Path(name).exists() for name in (each.chain, each.certificate, each.key))
    )  # fmt: skip


def _reports_user() -> tuple[int, int]:
    """The numbers of the user and group the package made for reading reports."""
    try:
        found = pwd.getpwnam(REPORTS_USER)
    except KeyError as error:
        raise MailError('user-missing.reports', user=REPORTS_USER) from error
    return found.pw_uid, found.pw_gid


def _memory_mb() -> int:
    return os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 2**20


def _tame(unit: str) -> None:
    """Keep a service from running all the time that is started when it is needed."""
    link = Path('/etc/systemd/system/multi-user.target.wants', unit)
    if link.is_symlink():
        systemd.disable(unit, 'resolver-failed')


def _make_folders() -> None:
    """Make the folders the package describes, should they be gone."""
    programs.must(
        ['systemd-tmpfiles', '--create', 'freedombox-email.conf'],
        'folders-failed',
    )
