# SPDX-License-Identifier: AGPL-3.0-or-later
"""Looking at a box on which anything may be broken."""

from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import pytest
from freedombox.diagnostic_check import DiagnosticCheck

from plinth.modules.email.activity.root_part import ChangedSettings, Queue
from plinth.modules.email.dns.report import DnsReport
from plinth.modules.email.health import diagnosis, observe
from plinth.modules.email.health.condition import judge
from plinth.modules.email.health.observation import Directory, Records
from plinth.modules.email.status import State, Verdict
from plinth.modules.email.words.parts import PARTS

NOW = datetime.now(UTC)
QUEUE = Queue(2, False, datetime(1970, 1, 1, tzinfo=UTC), 'a@b.test', 'no route').to_json()


@pytest.fixture(name='box', autouse=True)
def fixture_box(monkeypatch: pytest.MonkeyPatch) -> Mock:
    box = Mock(__name__='box')
    monkeypatch.setattr(observe, 'units', box.units)
    monkeypatch.setattr(observe, 'directory', box.directory)
    monkeypatch.setattr(
        'plinth.modules.email.health.observe.privileged.overview_data', box.overview
    )
    monkeypatch.setattr('plinth.modules.email.health.observe.certificates.installed', box.installed)
    for name in ('units', 'directory', 'overview', 'installed'):
        getattr(box, name).__name__ = name
    box.units.return_value = {part.unit: True for part in PARTS}
    box.directory.return_value = Directory('a.org', ('a.org', 'box.local'), 1)
    box.overview.return_value = {
        'queue': QUEUE, 'room_mb': 5000, 'drift': [], 'undone': [], 'keys_lost': [], 'kept': [],
        'times': {'received': 1.0}, 'unreadable': [], 'relays': [], 'spam_lists': {'fetched': None},
        'spam_memory': 1,
    }  # fmt: skip
    box.installed.return_value = ()
    monkeypatch.setattr(
        observe, 'records', lambda names, _primary: tuple(Records(x, NOW) for x in names)
    )
    return box


def test_everything_is_gathered(box: Mock) -> None:
    seen = observe.look(True)
    assert seen.queue is not None
    assert seen.queue.oldest == datetime(1970, 1, 1, tzinfo=UTC)
    assert (seen.room_mb, seen.drift, seen.reachable) == (5000, (), True)
    box.installed.assert_called_once_with(['a.org'])


def test_hosts_for_mail_apps_need_certificates_too(box: Mock) -> None:
    box.directory.return_value = Directory('a.org', ('a.org',), 1, client_hosts=('mail.a.org',))
    observe.look(True)
    box.installed.assert_called_once_with(['a.org', 'mail.a.org'])


@pytest.mark.parametrize('broken', ['units', 'directory', 'overview', 'installed'])
def test_one_broken_part_never_hides_the_others(box: Mock, broken: str) -> None:
    getattr(box, broken).side_effect = RuntimeError('gone')
    seen = observe.look(True)
    assert judge(seen, datetime.now(UTC)).headline
    assert sum(value is None for value in (seen.units, seen.directory, seen.queue)) <= 1


def test_nothing_works_and_still_there_is_an_answer(box: Mock) -> None:
    for name in ('units', 'directory', 'overview', 'installed'):
        getattr(box, name).side_effect = OSError
    assert judge(observe.look(True), datetime.now(UTC)).state is State.BROKEN


def problems(found: list[DiagnosticCheck]) -> list[tuple[str, str]]:
    """The checks that did not pass, with their results."""
    return [(each.check_id, str(each.result)) for each in found if each.result.value != 'passed']


def test_diagnostics_say_the_same(box: Mock) -> None:
    assert ('email-queue-old', 'warning') in problems(diagnosis.diagnose(True))
    box.overview.return_value |= {'queue': {**QUEUE, 'oldest': None}}
    found = diagnosis.diagnose(True)
    assert 'email-queue' in {each.check_id for each in found if each.result.value == 'passed'}
    box.units.side_effect = OSError
    assert ('email-service-postfix', 'error') in problems(diagnosis.diagnose(True))


def test_a_silent_root_is_no_good_news(box: Mock) -> None:
    box.overview.side_effect = OSError
    verdict = judge(observe.look(True), NOW)
    assert verdict.state is State.UNKNOWN
    assert [finding.code for finding in verdict.findings] == ['root-silent']


def test_what_root_saw_of_changed_settings(box: Mock) -> None:
    changed = {'path': '/etc/x', 'keys': ['a', 'b'], 'decides': False, 'line': 7,
               'lines': ['+a']}  # fmt: skip
    box.overview.return_value |= {'drift': [changed]}
    assert observe.look(True).drift == (
        ChangedSettings('/etc/x', ('a', 'b'), decides=False, line=7, lines=('+a',)),
    )


@pytest.mark.parametrize(
    ('broken', 'keeps_out', 'keeps_in'),
    [((), False, False), (('spf',), False, False), (('mx',), True, False),
     (('port-25',), False, True), (('mx', 'port-25'), True, True)],
)  # fmt: skip
def test_the_last_check_of_a_domain(
    broken: tuple[str, ...], keeps_out: bool, keeps_in: bool
) -> None:
    needed = {'mx': 'needed', 'port-25': 'needed', 'spf': 'advised', 'certificate': 'advised'}
    verdicts = {
        role: Verdict(State.BROKEN if role in (*broken, 'certificate') else State.WORKS, 'right')
        for role in needed
    }
    found = observe.to_records('a.org', DnsReport('a.org', NOW, verdicts, {}, needed))
    counted = len(set(broken) - {'port-25'})  # which has a finding of its own
    assert (found.count, found.keeps_out) == (counted, keeps_out)
    assert found.outgoing is not None
    assert (found.outgoing.state is State.BROKEN) is keeps_in
    assert found.state is (State.BROKEN if keeps_out else State.LOOK if counted else State.WORKS)
    assert observe.to_records('a.org', None) == Records('a.org', None)


def test_a_finding_is_told_in_words(box: Mock) -> None:
    box.directory.side_effect = OSError
    texts: Any = [each.translated_description for each in diagnosis.diagnose(True)]
    assert any("isn't answering" in text for text in texts)
