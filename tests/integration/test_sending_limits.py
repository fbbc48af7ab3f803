# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail of a login over its limits is held, people are told once, and one act ends it."""

import uuid

import pytest

from lab import settings
from lab.host import wait_for
from lab.limits import PATH
from lab.settings import ADMIN
from tests.conftest import Host

from . import mail, misuse
from .misuse import CALL, CAROL, LIMITS, MAIN, held, send, strangers

ALICE = settings.USERS[0]


def test_mail_over_the_limit_is_held_told_of_once_and_released_once(
    box: Host, outside: Host
) -> None:
    """A stolen password writes to strangers, and only the first of them get it."""
    mark = f'held {uuid.uuid4()}'
    with misuse.person(box, per_hour=3) as user:
        journal = box.journal_since()
        answers = [send(box, user, each, mark=mark)[0] for each in strangers(6)]
        assert answers == [250] * 6, 'no mail is lost'
        assert held(box, user) == 3
        assert 'hold: END-OF-MESSAGE' in journal(), 'the log says why'
        wait_for('the user to be told', lambda: misuse.notices(box, user, user.address), 60)
        wait_for(
            'the administrator to be told', lambda: misuse.notices(box, ADMIN, user.address), 60
        )
        misuse.wait_for_queue(box, user)
        assert misuse.arrived(outside, CAROL, mark, encrypted=False) == 3
        assert send(box, user, strangers(1)[0], mark=mark)[0] == 250
        box.run('systemctl', 'start', 'freedombox-email-notices.service')
        assert misuse.notices(box, user, user.address) == 1
        assert misuse.notices(box, ADMIN, user.address) == 1
        assert misuse.told(box, 'queue', 'release', user.address) == {'released': 4}
        assert not box.succeeds(CALL, 'queue', 'release', user.address)
        misuse.wait_for_queue(box, user)
        assert misuse.arrived(outside, CAROL, mark, encrypted=False) == 7, 'each once'


@pytest.mark.long
def test_dropped_mail_is_gone_and_told_of_again(box: Host, outside: Host) -> None:
    mark = f'dropped {uuid.uuid4()}'
    with misuse.person(box, per_day=2) as user:
        assert send(box, user, *strangers(3), mark=mark)[0] == 250
        wait_for('the user to be told', lambda: misuse.notices(box, user, user.address), 60)
        words = ('queue', 'delete', user.address, '--count=1')
        assert misuse.told(box, *words) == {'deleted': 1}
        assert send(box, user, *strangers(2), mark=mark)[0] == 250, 'what was held does not count'
        assert send(box, user, *strangers(1), mark=mark)[0] == 250
        assert held(box, user) == 1
        wait_for('the user to be told', lambda: misuse.notices(box, user, user.address) == 2, 60)
        misuse.wait_for_queue(box, user)
        assert misuse.arrived(outside, CAROL, mark, encrypted=False) == 2


@pytest.mark.long
def test_recipients_are_known_after_the_first_message(box: Host) -> None:
    with misuse.person(box, first_time=2) as user:
        friends = strangers(2)
        assert [send(box, user, *friends)[0] for _ in range(3)] == [250] * 3
        assert held(box, user) == 0
        more = strangers(3)
        assert send(box, user, *more)[0] == 250
        assert held(box, user) == 1
        box.run(CALL, 'queue', 'release', user.address)
        assert send(box, user, *more)[0] == 250
        assert held(box, user) == 0, 'the administrator let them pass'


def test_own_domains_and_roles_do_not_count(box: Host) -> None:
    with misuse.person(box, per_hour=1) as user:
        assert send(box, user, ALICE.address, f'bob@{MAIN}', f'postmaster@{MAIN}')[0] == 250
        assert held(box, user) == 0
        assert send(box, user, *strangers(2))[0] == 250
        assert held(box, user) == 1
    misuse.limit(box, ADMIN, per_hour=1)
    try:
        message = mail.message(f'postmaster@{MAIN}', strangers(1)[0])
        with mail.submission(box.ip, ADMIN.username, ADMIN.password) as session:
            session.send_message(message, f'postmaster@{MAIN}', strangers(2))
            assert held(box, ADMIN) == 0
            session.send_message(message, ADMIN.address, strangers(2))
        assert held(box, ADMIN) == 1, 'by the short name too, as oneself'
    finally:
        box.run(CALL, 'queue', 'delete', ADMIN.address, '--count=99', check=False)
        misuse.limit(box, ADMIN, per_hour=0)


@pytest.mark.long
def test_limits_of_a_domain_and_of_the_box(box: Host) -> None:
    kept = box.run('cat', PATH)
    box.run('rm', PATH)
    try:
        with misuse.person(box) as user:
            shown = misuse.told(box, 'limits', 'show')
            assert shown['default']['recipients_hour'] == 100
            assert send(box, user, *strangers(101))[0] == 250
            assert held(box, user) == 1, 'as shipped'
            box.run(CALL, 'limits', 'domain', MAIN, '--per-hour=4')
            misuse.forget_limits(box)
            assert send(box, user, *strangers(5))[0] == 250
            assert held(box, user) == 2
            misuse.limit(box, user, per_hour=5)
            assert send(box, user, *strangers(5))[0] == 250
            assert held(box, user) == 2, 'the mailbox goes before its domain'
    finally:
        box.run(CALL, 'limits', 'domain', MAIN, '--per-hour=0')
        box.run('install', '-D', '-m', '644', '/dev/stdin', PATH, stdin=kept)
        misuse.forget_limits(box)


@pytest.mark.journal_may_say(r'freedombox-email-limits|postfix.*(limits|problem talking to server)')
def test_while_the_service_is_down_only_own_domains_are_written_to(box: Host) -> None:
    with misuse.person(box) as user:
        box.run('systemctl', 'stop', f'{LIMITS}.socket', f'{LIMITS}.service')
        try:
            assert send(box, user, ALICE.address, f'bob@{MAIN}')[0] == 250
            code, _text = send(box, user, strangers(1)[0])
            assert 400 <= code < 500
        finally:
            box.run('systemctl', 'start', f'{LIMITS}.socket')
        assert send(box, user, strangers(1)[0])[0] == 250


def test_no_other_program_asks_or_reads_the_counts(box: Host) -> None:
    place = '/var/spool/postfix/freedombox-email-limits/policy'
    assert box.run('stat', '-c', '%U %a', place).split() == ['postfix', '600']
    assert box.run('stat', '-c', '%U %a', '/var/lib/freedombox-email-limits').split() == [
        'fbx-mail-limits', '700',
    ]  # fmt: skip
