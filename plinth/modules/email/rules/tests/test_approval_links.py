# SPDX-License-Identifier: AGPL-3.0-or-later
"""A link decides on one message, once, and for who is a guardian."""

from dataclasses import replace
from pathlib import Path

import pytest

from plinth.modules.email.authentication.secret_links import SecretLinks
from plinth.modules.email.directory.guard import Guard
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.errors import MailError
from plinth.modules.email.mailstore import content, waiting
from plinth.modules.email.rules import approval_links

PARENT = 'parent@example.test'
KID = Mailbox('kid@example.test', **Guard(guardians=(PARENT,)).fields())  # type: ignore[arg-type]
NAMES = ('1.M1.box', '2.M2.box')


class OneMailbox:
    """A directory with one mailbox."""

    def __init__(self) -> None:
        self.mailbox: Mailbox | None = KID

    def find(self, _kind: type[Mailbox], _key: str) -> Mailbox | None:
        return self.mailbox


@pytest.fixture(name='place')
def fixture_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two messages that wait."""
    monkeypatch.setattr(content, 'MAIL_ROOT', tmp_path)
    monkeypatch.setattr(waiting, 'LOCK', tmp_path / 'other-lock')
    folder = tmp_path / 'example.test/kid/freedombox-waiting/.Waiting/new'
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_bytes(f'Subject: {name}\n\nHello.\n'.encode())
    return folder


def _links(place: Path) -> SecretLinks[approval_links.ApprovalLink]:
    return replace(approval_links.LINKS, path=place / 'links', lock=place / 'lock')


def _refused(store: OneMailbox, secret: str, path: Path) -> None:
    with pytest.raises(MailError) as found:
        approval_links.use(store, secret, 'delete', _links(path))  # type: ignore[arg-type]
    assert found.value.code == 'approval-invalid'


def test_a_link_is_for_its_message_and_works_once(place: Path) -> None:
    path, store = place, OneMailbox()
    secret = approval_links.make(KID, waiting.id_of(NAMES[0]), PARENT, _links(path))
    assert secret not in (path / 'links').read_text()
    approval_links.use(store, secret, 'delete', _links(path))  # type: ignore[arg-type]
    assert not (place / NAMES[0]).exists()
    assert (place / NAMES[1]).exists()
    _refused(store, secret, path)


def test_a_link_is_void_for_another_content(place: Path) -> None:
    path, store = place, OneMailbox()
    secret = approval_links.make(KID, waiting.id_of(NAMES[0]), PARENT, _links(path))
    (place / NAMES[0]).write_bytes(b'Subject: other\n\nBuy now.\n')
    _refused(store, secret, path)


@pytest.mark.parametrize('mailbox', [None, Mailbox('kid@example.test')])
def test_a_link_is_void_for_a_person_who_is_no_guardian(
    place: Path, mailbox: Mailbox | None
) -> None:
    path, store = place, OneMailbox()
    secret = approval_links.make(KID, waiting.id_of(NAMES[0]), PARENT, _links(path))
    store.mailbox = mailbox
    _refused(store, secret, path)
    assert (place / NAMES[0]).exists()


@pytest.mark.parametrize('secret', ['', 'x', '\ud800', '0' * 100])
def test_no_other_text_is_a_link(place: Path, secret: str) -> None:
    approval_links.make(KID, waiting.id_of(NAMES[0]), PARENT, _links(place))
    _refused(OneMailbox(), secret, place)
