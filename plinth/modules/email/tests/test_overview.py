# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an observation means."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .. import overview
from ..overview import Certificate, Directory, Observation, Queue, Records, State, judge

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DOMAIN = 'example.org'
GOOD = Observation(
    enabled=True,
    units={part.unit: True for part in overview.PARTS},
    queue=Queue(0),
    directory=Directory(DOMAIN, (DOMAIN,), 3),
    certificates=(Certificate(DOMAIN, True, NOW + timedelta(days=60)),),
    drift=(),
    room_mb=50_000,
)


def seen(**changes: Any) -> Observation:
    """Return a good observation with something changed."""
    return dataclasses.replace(GOOD, **changes)


def without(unit: str) -> dict[str, bool]:
    """Return units of which one does not run."""
    return {part.unit: part.unit != unit for part in overview.PARTS}


def test_nothing_to_say_about_a_good_box() -> None:
    verdict = judge(GOOD, NOW)
    assert (verdict.state, str(verdict.headline)) == (State.WORKS, 'Mail works.')
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
        ({'room_mb': 900}, State.LOOK, 'room'),
        ({'room_mb': 0}, State.BROKEN, 'room'),
        ({'queue': Queue(3, oldest=NOW - timedelta(hours=2))}, State.LOOK, 'queue-old'),
        ({'records': (Records(DOMAIN, 2, False),)}, State.LOOK, f'records-{DOMAIN}'),
        ({'records': (Records(DOMAIN, 1, True),)}, State.BROKEN, f'records-{DOMAIN}'),
        ({'drift': ('/etc/postfix/main.cf',)}, State.LOOK, 'drift'),
        ({'undone': ('smtpd_milters',)}, State.LOOK, 'undone'),
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
        (
            {'certificates': (Certificate(DOMAIN, False, NOW),)},
            State.BROKEN,
            f'certificate-expired-{DOMAIN}',
        ),
    ],
)
def test_each_trouble_is_named(changes: dict[str, Any], state: State, code: str) -> None:
    verdict = judge(seen(**changes), NOW)
    assert (verdict.state, [finding.code for finding in verdict.findings]) == (state, [code])
    (finding,) = verdict.findings
    for text in (verdict.headline, finding.title, finding.advice):
        assert str(text).strip().endswith('.'), str(text)
        assert '{' not in str(text)


@pytest.mark.parametrize('what', ['queue', 'certificates', 'drift', 'room_mb'])
def test_what_was_not_seen_is_no_trouble_by_itself(what: str) -> None:
    assert judge(seen(**{what: None}), NOW).state is State.WORKS


def test_a_young_queue_needs_nobody() -> None:
    queue = Queue(5000, more=True, oldest=NOW - timedelta(minutes=5))
    assert judge(seen(queue=queue), NOW).state is State.WORKS


def test_the_reason_the_other_side_gave_is_passed_on() -> None:
    queue = Queue(1, oldest=NOW - timedelta(days=1), reason='connect to mx: timed out')
    (finding,) = judge(seen(queue=queue), NOW).findings
    assert 'connect to mx: timed out' in str(finding.advice)


def test_the_worst_comes_first() -> None:
    changed = seen(units=without('dovecot'), drift=('/etc/x',), room_mb=500)
    verdict = judge(changed, NOW)
    states = [finding.state for finding in verdict.findings]
    assert states == [State.BROKEN, State.LOOK, State.LOOK]
    assert verdict.state is State.BROKEN


def test_the_headline_counts() -> None:
    assert '2 things' in str(judge(seen(drift=('/etc/x',), room_mb=500), NOW).headline)
    assert '1 thing ' in str(judge(seen(room_mb=500), NOW).headline)


def test_parts_show_their_own_state() -> None:
    states = dict(overview.part_states(seen(units=without('rspamd'))))
    by_unit = {part.unit: state for part, state in states.items()}
    assert by_unit['rspamd'] is State.BROKEN
    assert by_unit['postfix'] is State.WORKS
    assert set(dict(overview.part_states(seen(units=None))).values()) == {State.UNKNOWN}


def test_every_state_has_a_word_and_a_colour() -> None:
    assert len({str(state.word) for state in State}) == 4
    assert len({state.style for state in State}) == 4


def test_impossible_values_are_refused() -> None:
    with pytest.raises(ValueError, match='no messages'):
        Queue(-1)
    with pytest.raises(ValueError, match='either'):
        overview.Remedy('Do it')
    with pytest.raises(ValueError, match='either'):
        overview.Remedy('Do it', page='a:b', repair='c')
