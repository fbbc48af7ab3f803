# SPDX-License-Identifier: AGPL-3.0-or-later
"""Taking over from the built-in app, with FreedomBox and root replaced by notes of calls."""

from typing import Any
from unittest.mock import Mock, call

import pytest

from ... import components, manifest
from ...errors import MailError, Reason
from ...health import announce
from ...migration.builtin.copy import BuiltinSurvey, MovedAddresses
from ...words.text import Sentence
from .. import takeover

FOUND = BuiltinSurvey(('alice', 'bob'), ('root',), 'one.test').to_json()
DAMAGED = Reason('copy-failed.mail', {'name': 'alice'})


@pytest.fixture(name='world')
def fixture_world(monkeypatch: pytest.MonkeyPatch) -> Mock:
    world = Mock()
    world.root.builtin_survey.return_value = FOUND
    world.root.builtin_addresses.return_value = MovedAddresses(0, 0).to_json()
    world.synchronize.follow_names.return_value = ['one.test', 'two.test']
    world.synchronize.APP_ID = 'email'
    for name, thing in {
        'privileged': world.root,
        'synchronize': world.synchronize,
        'service_privileged': world.services,
        'firewall': world.firewall,
    }.items():
        monkeypatch.setattr(takeover, name, thing)
    monkeypatch.setattr(
        'plinth.modules.email.operations.takeover.systemd.starts_at_boot',
        lambda unit: unit == 'dovecot',
    )
    monkeypatch.setattr(announce, 'Notification', world.notification)
    monkeypatch.setattr(takeover, '_of_users', lambda: ['alice@one.test', 'bob@one.test'])
    return world


def made(world: Mock) -> list[Any]:
    """The calls that changed something, in their order."""
    return [
        each for each in world.mock_calls
        if each[0].startswith(('root.', 'services.')) or each[0].endswith('follow_names')
    ]  # fmt: skip


def test_mail_stops_only_when_all_that_can_be_done_before_is_done(world: Mock) -> None:
    missing = takeover.take_over()
    assert made(world) == [
        call.root.builtin_survey(),
        call.root.builtin_copy('alice'),
        call.root.builtin_copy('bob'),
        call.synchronize.follow_names((), 'one.test'),
        call.root.builtin_addresses(),
        call.root.builtin_prepare(),
        call.root.setup_rehearse(),
        call.services.stop('postfix'),
        call.services.stop('dovecot'),
        call.root.builtin_place('alice'),
        call.root.builtin_place('bob'),
        call.root.builtin_requeue(),
        call.root.setup(),
        call.services.start('dovecot'),
    ]
    (stranger,) = map(str, missing)
    assert stranger == 'There is no FreedomBox user root, so their mail stays in /var/mail/root.'


def test_a_take_over_that_fails_leaves_the_built_in_app_running(world: Mock) -> None:
    world.root.setup.side_effect = MailError('reload-failed', unit='Postfix')
    with pytest.raises(MailError):
        takeover.take_over()
    assert made(world)[-1] == call.services.start('dovecot')
    assert not world.root.builtin_remove.called


@pytest.mark.parametrize('step', ['builtin_survey', 'builtin_copy', 'builtin_place'])
def test_without_room_nothing_changes_hands(world: Mock, step: str) -> None:
    getattr(world.root, step).side_effect = MailError('copy-no-room', megabytes=7)
    with pytest.raises(MailError, match='7 MB'):
        takeover.take_over()
    assert not world.root.setup.called
    assert world.services.stop.called == world.services.start.called


def test_a_user_whose_mail_fails_does_not_hold_up_the_others(world: Mock) -> None:
    world.root.builtin_copy.side_effect = MailError('copy-failed.filters')
    world.root.builtin_place.side_effect = [MailError('copy-failed.mail', name='alice'), None]
    kept = Reason('domain-keeps', {'domain': 'one.test'})
    world.root.builtin_addresses.return_value = MovedAddresses(1, 0, (kept,)).to_json()
    missing = takeover.take_over()
    assert str(missing[0]) == 'alice: Some mail of alice could not be copied.'
    assert str(missing[-1]).startswith('one.test has addresses')
    assert world.root.setup.called


@pytest.mark.parametrize(('missing', 'severity'), [([], 'info'), ([DAMAGED], 'warning')])
def test_the_administrator_is_told(world: Mock, missing: list[Reason], severity: str) -> None:
    takeover.finish(missing)
    assert world.root.builtin_remove.called
    assert world.firewall.remove_service.call_count == 2
    told = world.notification.update_or_create.call_args.kwargs
    assert told['severity'] == severity
    said = [str(Sentence.from_json(each)) for each in told['data']['said']]
    assert ('Nothing was deleted' in said[0]) == bool(missing)
    assert said[1:] == [str(each) for each in missing]


def test_the_filter_learns_from_the_mail_of_all_users(world: Mock) -> None:
    world.root.spam_learn.side_effect = MailError('rspamd-down')
    takeover.finish([])
    assert world.root.spam_learn.call_args_list == [call('alice@one.test'), call('bob@one.test')]
    assert world.notification.update_or_create.called, 'a filter that is down ends the take-over'


@pytest.mark.parametrize('theirs', [True, False])
def test_a_backup_of_the_built_in_app_is_carried_over(
    world: Mock, monkeypatch: pytest.MonkeyPatch, theirs: bool
) -> None:
    monkeypatch.setattr(components, 'privileged', world.root)
    monkeypatch.setattr(components, 'signals', world.follow)
    if theirs:
        world.root.directory_load.side_effect = MailError('load-no-file', 'None.')
    backup = components.MailBackup('backup-restore-email', **manifest.BACKUP)
    backup.restore_pre(None)
    backup.restore_post(None)
    assert made(world)[0] == call.root.directory_forget_dump()
    assert world.root.setup.called == theirs
    assert world.root.builtin_remove.called == theirs
    assert world.follow.request_all.called
    assert {'/var/mail/', '/var/vmail/'} <= set(backup.data['directories'])
