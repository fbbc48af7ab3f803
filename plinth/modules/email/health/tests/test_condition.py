# SPDX-License-Identifier: AGPL-3.0-or-later
"""The condition an observation leads to."""

import dataclasses
import typing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plinth.modules.email.activity.last_times import Times
from plinth.modules.email.activity.root_part import ChangedSettings, Queue
from plinth.modules.email.health import finding
from plinth.modules.email.health.condition import judge
from plinth.modules.email.health.guess_blockers import BLOCKER, COUNTER
from plinth.modules.email.health.observation import (
    Directory,
    Observation,
    Records,
)
from plinth.modules.email.health.stopped_helpers import FORWARDING, LIMITS, TLS
from plinth.modules.email.maintenance.checker_answers import Unreadable
from plinth.modules.email.sending.relay_troubles import RelayTrouble, TroubleKind
from plinth.modules.email.status import State, Verdict
from plinth.modules.email.system.certificates import Certificate
from plinth.modules.email.words.parts import PARTS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DOMAIN = 'example.org'
GOOD = Observation(
    enabled=True,
    units={part.unit: True for part in PARTS},
    queue=Queue(0),
    directory=Directory(DOMAIN, (DOMAIN,), 3),
    certificates=(Certificate(DOMAIN, True, NOW + timedelta(days=60)),),
    drift=(),
    undone=(),
    room_mb=50_000,
    outdated=(),
    keys_lost=(),
    records=(Records(DOMAIN, NOW),),
    kept=(),
    times=Times(received=NOW),
    unreadable=(),
    relays=(),
)
OTHER = 'second.example'
HOST = f'mail.{DOMAIN}'
SHUT = Verdict(State.BROKEN, 'port-25-shut')
MAIN_CF = '/etc/postfix/main.cf'


def seen(**changes: Any) -> Observation:
    """A good observation with something changed."""
    return dataclasses.replace(GOOD, **changes)


def without(unit: str) -> dict[str, bool]:
    """Units of which one does not run."""
    return {part.unit: part.unit != unit for part in PARTS}


def with_host(**changes: Any) -> Directory:
    """A directory whose domain has a name of its own for mail apps."""
    return Directory(DOMAIN, (DOMAIN,), 3, client_hosts=(HOST,), **changes)


def shown_for_host(*, trusted: bool) -> tuple[Certificate, ...]:
    """The certificates of the domain and of that name."""
    later = NOW + timedelta(days=60)
    return Certificate(DOMAIN, True, later), Certificate(HOST, trusted, later)


def test_nothing_to_say_about_a_good_box() -> None:
    verdict = judge(GOOD, NOW)
    assert (verdict.state, str(verdict.headline)) == (State.WORKS, 'Mail is working.')
    assert not verdict.findings


@pytest.mark.parametrize(
    ('changes', 'state', 'code'),
    [
        ({'enabled': False}, State.LOOK, 'disabled'),
        ({'units': None}, State.UNKNOWN, 'services-unknown'),
        ({'units': without('postfix')}, State.BROKEN, 'service-down-postfix'),
        ({'units': without('slapd'), 'directory': None}, State.BROKEN, 'service-down-slapd'),
        (
            {'units': without('freedombox-email-redis')},
            State.BROKEN,
            'service-down-freedombox-email-redis',
        ),
        ({'directory': None}, State.BROKEN, 'directory-silent'),
        ({'directory': Directory(None, (), 0)}, State.BROKEN, 'no-domain'),
        ({'directory': Directory(DOMAIN, (DOMAIN,), 0)}, State.BROKEN, 'no-mailbox'),
        ({'reachable': False}, State.LOOK, 'no-public-domain'),
        ({'times': Times(sent=NOW)}, State.UNKNOWN, 'unreached'),
        (
            {'directory': Directory(DOMAIN, (DOMAIN,), 3, undecided=('second.example',))},
            State.LOOK,
            'recipients-second.example',
        ),
        ({'room_mb': 900}, State.LOOK, 'room'),
        ({'room_mb': 0}, State.BROKEN, 'room'),
        ({'queue': Queue(3, oldest=NOW - timedelta(hours=2))}, State.LOOK, 'queue-old'),
        ({'queue': Queue(0, held=2)}, State.LOOK, 'mail-held'),
        ({'records': (Records(DOMAIN, NOW, 2, ('SPF',)),)}, State.LOOK, f'records-{DOMAIN}'),
        (
            {'records': (Records(DOMAIN, NOW, 1, ('MX',), keeps_out=True),)},
            State.BROKEN,
            f'records-{DOMAIN}',
        ),
        (
            {'records': (Records(DOMAIN, NOW, outgoing=SHUT),) * 2},
            State.BROKEN,
            'way-out',
        ),
        (
            {'records': (Records(DOMAIN, NOW, outgoing=Verdict(State.LOOK, 'port-25-partly')),)},
            State.LOOK,
            'way-out',
        ),
        *(
            ({'relays': (RelayTrouble('gmx', kind, 2, '535 no'),)}, State.LOOK, 'relay-gmx')
            for kind in typing.get_args(TroubleKind)
        ),
        ({'records': (Records(DOMAIN, None),)}, State.UNKNOWN, f'unchecked-{DOMAIN}'),
        (
            {'drift': (ChangedSettings(MAIN_CF, ('smtpd_banner',), decides=False),)},
            State.LOOK,
            'drift',
        ),
        (
            {'drift': (ChangedSettings(MAIN_CF, ('message_size_limit',)),)},
            State.UNKNOWN,
            'drift-deciding',
        ),
        ({'undone': ('smtpd_milters',)}, State.LOOK, 'undone'),
        ({'unreadable': (Unreadable('Dovecot', 'x.conf'),)}, State.LOOK, 'unreadable-dovecot'),
        ({'unreadable': (Unreadable('Sieve', 'junk: x'),)}, State.LOOK, 'unreadable-sieve'),
        (
            {'certificates': (Certificate(DOMAIN, False, NOW + timedelta(days=60)),)},
            State.LOOK,
            f'certificate-own-{DOMAIN}',
        ),
        (
            {'certificates': (Certificate(DOMAIN, True, NOW + timedelta(days=2)),)},
            State.LOOK,
            f'certificate-old-{DOMAIN}',
        ),
        ({'directory': with_host()}, State.LOOK, f'client-host-{HOST}'),
        ({'directory': with_host(unnamed_hosts=(HOST,))}, State.LOOK, f'client-host-{HOST}'),
        (
            {'directory': with_host(), 'certificates': shown_for_host(trusted=False)},
            State.LOOK,
            f'client-host-{HOST}',
        ),
        (
            {'certificates': (Certificate(DOMAIN, True, None),)},
            State.UNKNOWN,
            f'certificate-unread-{DOMAIN}',
        ),
        ({'outdated': None}, State.UNKNOWN, 'versions-unknown'),
        ({'helpers': None}, State.UNKNOWN, 'helpers-unknown'),
        ({'helpers': {LIMITS: False, TLS: True}}, State.BROKEN, 'helper-limits'),
        ({'helpers': {TLS: False}}, State.BROKEN, 'helper-tls'),
        ({'helpers': dict.fromkeys(FORWARDING, False)}, State.BROKEN, 'helper-srs'),
        ({'helpers': {'freedombox-email-check.timer': False}}, State.LOOK, 'helpers'),
        ({'guards': None}, State.UNKNOWN, 'guards-unknown'),
        ({'guards': {COUNTER: False, BLOCKER: True}}, State.LOOK, 'guards-counter'),
        ({'guards': {COUNTER: True, BLOCKER: False}}, State.LOOK, 'guards-blocker'),
        *(
            ({name: None}, State.UNKNOWN, f'unseen-{name}'.replace('_', '-'))
            for name in (
                'queue',
                'certificates',
                'drift',
                'room_mb',
                'records',
                'kept',
                'keys_lost',
                'undone',
                'times',
                'unreadable',
                'relays',
            )
        ),
    ],
)
def test_each_trouble_is_named(changes: dict[str, Any], state: State, code: str) -> None:
    verdict = judge(seen(**changes), NOW)
    assert (verdict.state, [finding.code for finding in verdict.findings]) == (state, [code])
    (finding,) = verdict.findings
    for text in (verdict.headline, finding.title, finding.advice):
        assert str(text).strip().endswith(('.', '?')), str(text)
        assert '{' not in str(text)


def test_a_host_for_mail_apps_with_a_certificate_is_no_trouble() -> None:
    shown = shown_for_host(trusted=True)
    assert judge(seen(directory=with_host(), certificates=shown), NOW).state is State.WORKS


def answer(**changes: Any) -> tuple[State, str]:
    """The state and the headline."""
    verdict = judge(seen(**changes), NOW)
    return verdict.state, str(verdict.headline)


def test_one_domain_of_several_does_not_make_all_red() -> None:
    bad = Records(OTHER, NOW, 1, ('MX',), keeps_out=True)
    both = (Records(DOMAIN, NOW), bad)
    assert answer(records=both) == (State.LOOK, f'Mail is working, but {OTHER} receives nothing.')
    assert answer(records=(bad,)) == (State.BROKEN, f'Mail for {OTHER} is not arriving.')
    worse = (dataclasses.replace(bad, domain=DOMAIN), bad)
    assert answer(records=worse) == (
        State.BROKEN, f'Mail for {DOMAIN}, {OTHER} is not arriving.',
    )  # fmt: skip


def test_the_cause_belongs_to_the_headline() -> None:
    bad = Records(OTHER, NOW, 1, ('MX',), keeps_out=True)
    verdict = judge(seen(records=(Records(DOMAIN, NOW), bad), queue=None), NOW)
    assert verdict.findings[0].code == f'records-{OTHER}'
    assert (verdict.state, str(verdict.cause)) == (State.UNKNOWN, "The mail queue can't be read.")


def test_an_expired_certificate_keeps_no_mail_away() -> None:
    expired = (Certificate(DOMAIN, True, NOW),)
    assert answer(certificates=expired) == (
        State.LOOK, f"Mail is working, but mail apps can't connect to {DOMAIN}.",
    )  # fmt: skip
    (found,) = judge(seen(certificates=expired), NOW).findings
    assert found.state is State.BROKEN


@pytest.mark.parametrize(
    ('changes', 'words'),
    [
        ({'units': without('dovecot')}, "Mail can't be read."),
        ({'units': without('freedombox-email-redis')}, 'Mail from other servers is put off.'),
        ({'reachable': False}, 'Mail is working inside your network only.'),
        ({'queue': None}, "Can't tell whether mail is working."),
        ({'outdated': None}, 'Mail is working, but not everything could be checked.'),
        ({'drift': (ChangedSettings(MAIN_CF),)}, "Can't tell whether all mail is accepted."),
        ({'room_mb': 5}, 'New mail is put off: the disk is nearly full.'),
        (
            {'times': Times()},
            'Mail is working on FreedomBox. No other mail server has reached it yet.',
        ),
        (
            {'directory': Directory(DOMAIN, (DOMAIN, OTHER), 3, undecided=(OTHER,))},
            f'Mail is working, but no one receives mail at {OTHER} yet.',
        ),
    ],
)
def test_the_headline_says_what_does_not_work(changes: dict[str, Any], words: str) -> None:
    assert answer(**changes)[1] == words


def test_the_age_of_a_check_is_told() -> None:
    (found,) = judge(seen(records=(Records(DOMAIN, NOW, 1, ('SPF',)),)), NOW).findings
    assert found.seen == NOW
    assert 'SPF' in str(found.title)


def test_a_young_queue_needs_no_one() -> None:
    queue = Queue(5000, more=True, oldest=NOW - timedelta(minutes=5))
    assert judge(seen(queue=queue), NOW).state is State.WORKS


@pytest.mark.parametrize('waiting', [1, 2])
def test_message_and_reason_of_what_waits_are_named(waiting: int) -> None:
    day = NOW - timedelta(days=1)
    queue = Queue(waiting, False, day, 'friend@gone.test', 'connect to mx: timed out')
    (finding,) = judge(seen(queue=queue), NOW).findings
    assert 'friend@gone.test' in str(finding.title)
    assert 'connect to mx: timed out' in str(finding.advice)


def test_file_and_line_of_changed_settings_are_named() -> None:
    (finding,) = judge(
        seen(drift=(ChangedSettings(MAIN_CF, ('smtpd_banner',), line=42),)), NOW
    ).findings
    assert f'{MAIN_CF}:42' in str(finding.advice)
    assert 'smtpd_banner' in str(finding.advice)


def test_the_worst_comes_first() -> None:
    changed = seen(
        units=without('dovecot'), drift=(ChangedSettings('/etc/x', decides=False),), room_mb=500
    )
    verdict = judge(changed, NOW)
    states = [finding.state for finding in verdict.findings]
    assert states == [State.BROKEN, State.LOOK, State.LOOK]
    assert verdict.state is State.BROKEN


def test_the_headline_counts() -> None:
    assert '2 warnings' in str(
        judge(seen(drift=(ChangedSettings('/etc/x', decides=False),), room_mb=500), NOW).headline
    )
    assert '1 warning.' in str(judge(seen(room_mb=500), NOW).headline)


def test_a_part_no_one_spoke_of_does_not_work() -> None:
    assert judge(seen(units={}), NOW).state is State.BROKEN


def test_every_state_has_a_word_and_a_colour() -> None:
    assert len({str(state.word) for state in State}) == 4
    assert len({state.style for state in State}) == 4


def test_impossible_values_are_refused() -> None:
    with pytest.raises(ValueError, match='no messages'):
        Queue(-1)
    with pytest.raises(ValueError, match='either'):
        finding.Remedy('Do it')
    with pytest.raises(ValueError, match='either'):
        finding.Remedy('Do it', page='a:b', repair='c')
