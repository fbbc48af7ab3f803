# SPDX-License-Identifier: AGPL-3.0-or-later
"""Full-text search finds words in bodies, and delivery does not pay for it."""

import unicodedata
import uuid
from collections.abc import Iterator

import pytest

from lab import settings
from lab.host import wait_for
from tests.conftest import Host

from . import mail

BOB = settings.USERS[1]
CAROL = settings.OUTSIDE_USERS[0]
INDEX = f'/var/vmail/{BOB.domain}/{BOB.username}/Maildir/fts-flatcurve'


def _index(box: Host) -> str:
    """Which index files there are, and when they were written."""
    return box.run('find', INDEX, '-type', 'f', '-printf', '%p %T@ %s\\n', check=False)


def test_a_word_in_a_body_is_found_and_was_not_indexed_at_delivery(box: Host) -> None:
    word = f'needle{uuid.uuid4().hex}'
    sent = mail.message(CAROL.address, BOB.address, f'Some hay, the {word}, more hay.\n')
    before = _index(box)
    mail.deliver(box.ip, sent)
    wait_for('the queue to be empty', lambda: not mail.waiting(box, CAROL.address), 20)
    assert _index(box) == before
    with mail.mailbox(box.ip, BOB.username, BOB.password) as session:
        session.select('INBOX', readonly=True)
        assert len(session.search(None, 'BODY', word)[1][0].split()) == 1
        assert session.search(None, 'BODY', word[::-1])[1][0] == b''
    assert _index(box) != before, 'the search did not use an index'


LETTERS = ('Höhle von Müller', 'It was all the who could say.', 'Café Ångström')


@pytest.fixture(scope='module')
def folder(box: Host) -> Iterator[str]:
    """A folder with each text twice: as most programs write letters, and with accents apart."""
    name = f'Words-{uuid.uuid4().hex}'
    with mail.mailbox(box.ip, BOB.username, BOB.password) as session:
        session.create(name)
        for form in ('NFC', 'NFD'):
            for text in LETTERS:
                sent = mail.message(CAROL.address, BOB.address, unicodedata.normalize(form, text))
                session.append(name, '', '', sent.as_bytes())
        yield name
        session.delete(name)


@pytest.mark.parametrize(
    ('words', 'found'),
    [
        ('Müller', '1 4'),
        ('muller', '1 4'),
        ('HÖHLE', '1 4'),
        ('ångström', '3 6'),
        ('the who', '2 5'),
        ('the', '2 5'),
        ('was it', '2 5'),
    ],
)
@pytest.mark.parametrize('form', ['NFC', 'NFD'])
def test_letters_and_frequent_words_are_found(
    box: Host, folder: str, words: str, found: str, form: str
) -> None:
    with mail.mailbox(box.ip, BOB.username, BOB.password) as session:
        session.select(folder, readonly=True)
        session.literal = unicodedata.normalize(form, words).encode()
        assert session.search('UTF-8', 'BODY')[1][0].decode() == found


def test_an_index_made_with_other_settings_is_made_anew(box: Host, folder: str) -> None:
    indexes = ('find', f'/var/vmail/{BOB.domain}/{BOB.username}', '-path', f'*{folder}/fts-*')
    with mail.mailbox(box.ip, BOB.username, BOB.password) as session:
        session.select(folder, readonly=True)
        assert session.search(None, 'BODY', 'the')[1] == [b'2 5']
    box.run('systemctl', 'start', 'freedombox-email-index.service')
    before = box.run(*indexes)
    assert before
    box.run('systemctl', 'start', 'freedombox-email-index.service')
    assert box.run(*indexes) == before, 'made anew without a reason'
    box.run('tee', '/var/lib/freedombox-email/search-index', stdin='others')
    box.run('systemctl', 'start', 'freedombox-email-index.service')
    assert box.run(*indexes) not in ('', before)
