# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail of earlier owners on a disk of its own: set aside, put back, and given to no one else."""

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.errors import MailError
from plinth.modules.email.mailstore import aside, content, kept_mail, kick

ADDRESS = 'alice@example.org'
BEFORE = Mailbox(ADDRESS, owner='alice', owner_id='id-old')
AFTER = dataclasses.replace(BEFORE, owner_id='id-new')


class EmptyStore:
    """The mailboxes there are."""

    def __init__(self, *mailboxes: Mailbox) -> None:
        self._found = {mailbox.address: mailbox for mailbox in mailboxes}

    def find_many(self, _kind: Any, keys: Any) -> Any:
        return {key: self._found[key] for key in keys if key in self._found}


@pytest.fixture(name='home')
def fixture_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(content, 'MAIL_ROOT', tmp_path / 'vmail')
    monkeypatch.setattr(aside, 'NEWS', tmp_path / 'news')
    monkeypatch.setattr(kick, 'end', lambda _address: None)
    home = tmp_path / 'vmail/example.org/alice'
    (home / 'Maildir/cur').mkdir(parents=True)
    (home / 'Maildir/cur/1:2,S').write_text('x' * 10)
    return home


def kept(*mailboxes: Mailbox) -> tuple[kept_mail.KeptMail, ...]:
    return kept_mail.kept(EmptyStore(*mailboxes))  # type: ignore[arg-type]


def take(after: Mailbox, before: Mailbox | None = None, code: str = '') -> None:
    with kept_mail.guard([(after, before)]):
        if code:
            raise MailError(code, 'It did not work.')


def test_a_new_owner_starts_with_nothing(home: Path) -> None:
    take(AFTER, BEFORE)
    assert not home.exists()
    (found,) = kept(AFTER)
    assert (found.address, found.owner, found.messages, found.taken_by) == (
        ADDRESS, 'alice', 1, 'alice'
    )  # fmt: skip
    assert (content.MAIL_ROOT / '.kept').stat().st_mode & 0o777 == 0o700


def test_a_mailbox_without_mail_leaves_nothing(home: Path) -> None:
    (home / 'Maildir/cur/1:2,S').unlink()
    (home / 'sieve').mkdir()
    take(AFTER, BEFORE)
    assert not home.exists(), 'the new owner has scripts of the earlier one'
    assert kept(AFTER) == ()


@pytest.mark.parametrize(('code', 'stays'), [('mailbox-exists', True), ('directory-down', False)])
def test_mail_is_put_back_where_nothing_changed_for_sure(
    home: Path, code: str, stays: bool
) -> None:
    with pytest.raises(MailError):
        take(AFTER, BEFORE, code)
    assert home.exists() == stays
    assert bool(kept(AFTER)) != stays


@pytest.mark.parametrize('owner_id', ['id-old', 'id-new', ''])
def test_only_the_same_person_gets_it_back(home: Path, owner_id: str) -> None:
    kept_mail.leave(BEFORE)
    assert not home.exists()
    take(dataclasses.replace(BEFORE, owner='' if not owner_id else 'alice', owner_id=owner_id))
    assert home.exists() == (owner_id == 'id-old')


def test_two_mailboxes_that_stood_alone_are_not_of_the_same_person(home: Path) -> None:
    kept_mail.leave(Mailbox(ADDRESS))
    take(Mailbox(ADDRESS))
    assert not home.exists()


def test_mail_of_a_removed_mailbox_is_deleted_if_wished(home: Path) -> None:
    kept_mail.leave(BEFORE, delete=True)
    assert not home.exists()
    assert kept() == ()


def test_what_an_earlier_version_left_is_kept_where_it_lies(home: Path) -> None:
    (found,) = kept()
    assert (found.id, found.address, found.messages) == (ADDRESS, ADDRESS, 1)
    assert home.exists()


@pytest.mark.parametrize(
    'name',
    ['.carry/alice', '.kept/x', 'lost+found/x', 'example.org/.carry', 'example.org/a+b',
     'example.org/Alice', 'localhost/alice'],
)  # fmt: skip
@pytest.mark.usefixtures('home')
def test_what_is_no_mail_of_an_address_is_not_offered(name: str) -> None:
    folder = content.MAIL_ROOT / name / 'Maildir/cur'
    folder.mkdir(parents=True)
    (folder / '1:2,S').write_text('x')
    assert [each.address for each in kept()] == [ADDRESS]


@pytest.mark.parametrize('depth', [0, 1])
def test_links_are_not_followed(home: Path, tmp_path: Path, depth: int) -> None:
    precious = tmp_path / 'precious/alice'
    precious.mkdir(parents=True)
    place = [home, home.parent][depth]
    place.rename(tmp_path / 'aside')
    place.symlink_to([precious, precious.parent][depth])
    with pytest.raises(MailError) as caught:
        take(AFTER, BEFORE)
    assert caught.value.code == 'path-not-plain'
    assert precious.exists()


@pytest.mark.parametrize('planted', ['link', 'open', 'foreign'])
def test_a_place_that_is_not_of_root_is_not_used(
    home: Path, tmp_path: Path, planted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, other = content.MAIL_ROOT / '.kept', tmp_path / 'other'
    other.mkdir()
    if planted == 'link':
        place.symlink_to(other)
    else:
        place.mkdir(mode=0o700)
    if planted == 'open':
        place.chmod(0o777)
    if planted == 'foreign':
        monkeypatch.setattr(os, 'geteuid', lambda: place.stat().st_uid + 1)
    with pytest.raises(MailError) as caught:
        take(AFTER, BEFORE)
    assert caught.value.code == 'path-not-plain'
    assert home.exists()
    assert not any(other.iterdir())


@pytest.mark.parametrize(
    'text', ['', '[]', '{"address": "../..", "since": "", "aside": 0}', '{"more": 1}']
)
def test_mail_with_a_damaged_note_is_given_to_no_one(home: Path, text: str) -> None:
    id_ = aside.set_aside(ADDRESS, BEFORE)
    note = content.MAIL_ROOT / '.kept' / id_ / 'about.json'
    assert json.loads(note.read_text())['owner_id'] == 'id-old'
    note.write_text(text)
    take(BEFORE)
    assert not home.exists()
    assert kept() == ()
