# SPDX-License-Identifier: AGPL-3.0-or-later
"""The wanted settings of the daemons for several sets of facts."""

import re

import pytest

from plinth.modules.email.config.facts import Facts
from plinth.modules.email.config.state import DovecotConf, MainCf, MasterCf, WantedState, WholeFile
from plinth.modules.email.config.system import system_state

from .golden import FOLDER, SETS, render


def main_cf(facts: Facts) -> dict[str, str | None]:
    return next(dict(e.values) for e in system_state(facts).edits if isinstance(e, MainCf))


def whole_files(state: WantedState) -> dict[str, str]:
    return {edit.path: edit.content for edit in state.edits if isinstance(edit, WholeFile)}


@pytest.mark.parametrize('name', SETS)
def test_golden(name: str) -> None:
    wanted = (FOLDER / f'{name}.txt').read_text(encoding='utf-8')
    assert render(system_state(SETS[name])) == wanted


@pytest.mark.parametrize('name', SETS)
def test_no_path_is_both_wanted_and_unwanted(name: str) -> None:
    state = system_state(SETS[name])
    assert not {edit.path for edit in state.edits} & set(state.absent)


@pytest.mark.parametrize('name', SETS)
def test_every_table_that_is_named_exists(name: str) -> None:
    state = system_state(SETS[name])
    tables = {path for path in whole_files(state) if path.startswith('/etc/postfix/')}
    text = render(state)
    for path in tables:
        assert text.count(path) > 1, f'{path} is never used'


@pytest.mark.parametrize('name', SETS)
def test_no_table_has_a_type_that_the_next_debian_may_lack(name: str) -> None:
    """Berkeley DB goes; which type takes its place in /etc/aliases is for Debian to say."""
    assert main_cf(SETS[name])['alias_maps'] == '$alias_database'
    assert not re.search(r'\b(hash|btree|lmdb|cdb):', render(system_state(SETS[name])))


def test_equal_facts_give_equal_states() -> None:
    first = Facts('a.test', ('a.test', 'b.test'), (), 'box', 2, 2000, (990, 989))
    second = Facts('a.test', ('b.test', 'a.test', 'b.test'), (), 'box', 2, 2000, (990, 989))
    assert system_state(first) == system_state(second)


def test_no_mail_domain_is_ever_a_local_one() -> None:
    for facts in SETS.values():
        if facts.primary_domain:
            assert main_cf(facts)['mydestination'] == 'localhost'
            assert not set(facts.domains) & set(facts.local_names)


def test_both_limits_of_concurrent_deliveries_agree() -> None:
    facts = SETS['one-domain']
    dovecot = next(
        setting.value
        for edit in system_state(facts).edits
        if isinstance(edit, DovecotConf)
        for setting in edit.settings
        if setting.key == 'lmtp_user_concurrency_limit'
    )
    assert main_cf(facts)['lmtp_destination_concurrency_limit'] == dovecot


def test_scanner_takes_messages_larger_than_postfix_does() -> None:
    files = whole_files(system_state(SETS['one-domain']))
    options = files['/etc/rspamd/freedombox-email.d/options.inc']
    largest = int(options.split('max_message = ')[1].split(';')[0])
    assert largest > int(main_cf(SETS['one-domain'])['message_size_limit'] or 0)


def test_logins_need_tls_on_both_submission_ports() -> None:
    master = next(e for e in system_state(SETS['no-domain']).edits if isinstance(e, MasterCf))
    for service in master.services[:2]:
        options = dict(service.options)
        assert options['smtpd_tls_auth_only'] == 'yes'
        assert (
            options.get('smtpd_tls_wrappermode') == 'yes'
            or options.get('smtpd_tls_security_level') == 'encrypt'
        )


def test_a_domain_is_written_for_the_scanner() -> None:
    files = whole_files(system_state(SETS['three-domains']))
    rules = files['/etc/rspamd/lua.local.d/freedombox-email.lua']
    for form, domain in (
        ('example.test', 'example.test'),
        ('xn--bcher-kva.test', 'xn--bcher-kva.test'),
        ('bücher.test', 'xn--bcher-kva.test'),
    ):
        assert f'["{form}"] = "{domain}",' in rules
