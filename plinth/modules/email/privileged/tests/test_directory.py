# SPDX-License-Identifier: AGPL-3.0-or-later
"""The root actions on the directory that can be tried without one."""

import inspect
from typing import Any

import pytest

from plinth.modules.email.errors import MailError
from plinth.modules.email.privileged import directory


def test_actions_of_all_kinds_are_root_actions() -> None:
    actions = [
        directory.directory_setup, directory.sync_domains, directory.reconcile,
        directory.domain_add, directory.domain_remove, directory.domain_set_primary,
        directory.operator_set, directory.mailbox_add, directory.mailbox_set_password,
        directory.mailbox_remove, directory.alias_add, directory.alias_remove,
    ]  # fmt: skip
    assert all(getattr(action, '_privileged', False) for action in actions)
    assert all(inspect.getdoc(action) for action in actions)


@pytest.fixture(name='mail')
def fixture_mail(tmp_path: Any, monkeypatch: Any) -> Any:
    monkeypatch.setattr(directory, 'MAIL_ROOT', tmp_path / 'vmail')
    folder = tmp_path / 'vmail/example.org/alice'
    folder.mkdir(parents=True)
    (folder / 'cur').mkdir()
    return folder


def test_mail_is_deleted(mail: Any) -> None:
    directory._delete_mail('alice@example.org')
    assert not mail.exists()
    assert mail.parent.exists()


def test_no_mail_is_fine(mail: Any) -> None:
    directory._delete_mail('bob@example.org')
    assert mail.exists()


@pytest.mark.parametrize('depth', [0, 1])
def test_links_are_not_followed(mail: Any, tmp_path: Any, depth: Any) -> None:
    precious = tmp_path / 'precious/alice'
    precious.mkdir(parents=True)
    place = [mail, mail.parent][depth]
    place.rename(tmp_path / 'aside')
    place.symlink_to([precious, precious.parent][depth])
    with pytest.raises(MailError):
        directory._delete_mail('alice@example.org')
    assert precious.exists()
