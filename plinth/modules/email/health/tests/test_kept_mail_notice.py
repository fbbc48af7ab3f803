# SPDX-License-Identifier: AGPL-3.0-or-later
"""The notification about kept mail: touched only by news, and asked for only then."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest

from ...mailstore.kept_mail import KeptMail
from .. import announce, kept_mail_notice

MAIL = KeptMail('a', 'a@one.test', datetime(2026, 1, 2, tzinfo=UTC), 9, 3, True, 'alice', 'alice')
KEPT = [MAIL.to_json(), replace(MAIL, id='b', taken_by='').to_json()]


@pytest.fixture(name='world')
def fixture_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Mock:
    world = Mock()
    world.notification.objects.filter.return_value = []
    world.kept.return_value = KEPT
    monkeypatch.setattr(announce, 'Notification', world.notification)
    monkeypatch.setattr(kept_mail_notice, 'NEWS', tmp_path / 'news')
    monkeypatch.setattr(kept_mail_notice, '_asked', None)
    world.running.return_value = {'slapd': True}
    monkeypatch.setattr(
        'plinth.modules.email.health.kept_mail_notice.systemd.running', world.running
    )
    monkeypatch.setattr(
        'plinth.modules.email.health.kept_mail_notice.privileged.mail_kept', world.kept
    )
    return world


def test_nothing_is_asked_while_the_directory_is_stopped(world: Mock) -> None:
    world.running.return_value = {'slapd': False}
    kept_mail_notice.follow()
    assert not world.kept.called
    world.running.return_value = {'slapd': True}
    kept_mail_notice.follow()
    assert world.kept.call_count == 1


def test_root_is_asked_only_when_something_changed(world: Mock, tmp_path: Path) -> None:
    kept_mail_notice.follow()
    kept_mail_notice.follow()
    assert world.kept.call_count == 1
    (tmp_path / 'news').touch()
    kept_mail_notice.follow()
    assert world.kept.call_count == 2
    assert world.notification.update_or_create.call_args.kwargs['id'] == 'email-kept-mail'


def test_what_was_said_is_not_said_again(world: Mock) -> None:
    kept_mail_notice.show(['a'])
    said = world.notification.update_or_create.call_args.kwargs['data']
    world.notification.objects.filter.return_value = [Mock(id='email-kept-mail', data=said)]
    world.notification.update_or_create.reset_mock()
    kept_mail_notice.show(['a'])
    assert not world.notification.update_or_create.called
    kept_mail_notice.show(['a', 'c'])
    assert world.notification.update_or_create.called
    kept_mail_notice.show([])
    world.notification.get.return_value.delete.assert_called_once_with()
