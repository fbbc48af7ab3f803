# SPDX-License-Identifier: AGPL-3.0-or-later
"""Facts that cannot be are refused; what follows from them is right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.config.facts import CertificateFiles, Facts, check_name
from plinth.modules.email.errors import MailError

NO_NAMES = ('', '-a', '.a', 'a b', 'a/b', '../a', 'A.test', 'a}b', 'a,b', 'a=b', 'a"b', 'a\nb')


@pytest.mark.parametrize('name', [*NO_NAMES, 'é', pytest.param('x' * 254, id='long')])
def test_names_that_could_mean_more_are_refused(name: str) -> None:
    with pytest.raises(MailError, match='host or domain name'):
        check_name(name)
    with pytest.raises(MailError, match='host or domain name'):
        CertificateFiles(name)


@given(st.text())
def test_a_name_that_is_taken_is_safe_in_every_file(name: str) -> None:
    try:
        check_name(name)
    except MailError:
        return
    assert not set(name) & set(' \t\r\n/{}=,;"\'\\<>$%#@')


def facts(**values: object) -> Facts:
    given_values: dict[str, object] = {
        'primary_domain': 'a.test',
        'domains': ('a.test',),
        'certificates': (),
        'hostname': 'box',
        'cores': 2,
        'memory_mb': 2000,
        'reports_user': (990, 989),
    }
    return Facts(**(given_values | values))  # type: ignore[arg-type]


@pytest.mark.parametrize('wrong', [{'primary_domain': 'b.test'}, {'cores': 0}, {'memory_mb': 0}])
def test_impossible_facts_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r'must be|at least'):
        facts(**wrong)


@pytest.mark.parametrize('name', ['', '../x', '{'])
def test_a_box_without_a_name_is_refused(name: str) -> None:
    with pytest.raises(MailError) as caught:
        facts(hostname=name)
    assert caught.value.code == 'name-invalid'
    assert caught.value.detail == repr(name)


def test_local_names_leave_out_mail_domains() -> None:
    names = facts(domains=('a.test', 'box.a.test'), hostname='box.a.test').local_names
    assert names == ('box', 'localhost', 'localhost.localdomain')


@pytest.mark.parametrize(
    ('cores', 'memory', 'scanners'),
    [(1, 512, 1), (2, 900, 1), (2, 2000, 1), (16, 32000, 4), (4, 1900, 2)],
)
def test_scanners_fit_the_machine(cores: int, memory: int, scanners: int) -> None:
    assert facts(cores=cores, memory_mb=memory).scanners == scanners


def test_default_certificate_is_that_of_the_primary_domain() -> None:
    first, second = CertificateFiles('a.test'), CertificateFiles('b.test')
    both = facts(domains=('a.test', 'b.test'), certificates=(second, first))
    assert both.default_certificate == first
    assert facts(domains=('a.test', 'b.test'), certificates=(second,)).default_certificate is None
