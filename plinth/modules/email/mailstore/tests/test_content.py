# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stored mail on a disk of its own: counted and deleted, and never more than meant."""

import os
from typing import Any

import pytest

from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.errors import MailError
from plinth.modules.email.mailstore import content


@pytest.fixture(name='mail')
def fixture_mail(tmp_path: Any, monkeypatch: Any) -> Any:
    monkeypatch.setattr(content, 'MAIL_ROOT', tmp_path / 'vmail')
    folder = tmp_path / 'vmail/example.org/alice'
    folder.mkdir(parents=True)
    (folder / 'Maildir/cur').mkdir(parents=True)
    (folder / 'Maildir/cur/1:2,S').write_text('x' * 10)
    (folder / 'Maildir/dovecot.index').write_text('x' * 99)
    return folder


def test_mail_is_deleted(mail: Any) -> None:
    content.delete('alice@example.org')
    assert not mail.exists()
    assert mail.parent.exists()


def test_no_mail_is_fine(mail: Any) -> None:
    content.delete('bob@example.org')
    assert mail.exists()


@pytest.mark.parametrize('depth', [0, 1])
def test_links_are_not_followed(mail: Any, tmp_path: Any, depth: Any) -> None:
    precious = tmp_path / 'precious/alice'
    precious.mkdir(parents=True)
    place = [mail, mail.parent][depth]
    place.rename(tmp_path / 'aside')
    place.symlink_to([precious, precious.parent][depth])
    with pytest.raises(MailError):
        content.delete('alice@example.org')
    assert precious.exists()


def test_what_is_switched_off_is_counted_on_the_disk(mail: Any) -> None:
    (mail / content.LAST_LOGIN).write_text('shared/last-login/alice\n1700000000\n')
    found = content.of(Mailbox('alice@example.org', enabled=False))
    assert (found.bytes, found.messages, found.complete) == (10, 1, True)
    assert found.to_json()['last_login'] == '2023-11-14T22:13:20+00:00'
    assert content.Content.from_json(found.to_json()) == found


@pytest.mark.parametrize('planted', ['pipe', 'link', 'folder', 'huge', 'far'])
def test_a_note_of_the_last_login_that_is_none(mail: Any, tmp_path: Any, planted: str) -> None:
    note = mail / content.LAST_LOGIN
    secret = tmp_path / 'secret'
    secret.write_text('x\n1700000000\n')
    if planted == 'pipe':
        os.mkfifo(note)
    elif planted == 'link':
        note.symlink_to(secret)
    elif planted == 'folder':
        note.mkdir()
    else:
        note.write_text('x\n' + ('1' * 9000 if planted == 'huge' else '1e300') + '\n')
    assert content.of(Mailbox('alice@example.org', enabled=False)).last_login is None
