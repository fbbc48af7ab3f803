# SPDX-License-Identifier: AGPL-3.0-or-later
"""A Sieve script of ours that has an error stops the change, and the status names it."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from plinth.modules.email.activity import overview
from plinth.modules.email.config.sieve_order import SIEVE, SIEVE_BINARIES
from plinth.modules.email.errors import MailError
from plinth.modules.email.maintenance import readable
from plinth.modules.email.maintenance.setup import refresh
from plinth.modules.email.rules import sieve
from plinth.modules.email.transaction import history

MAIN_CF = Path('/etc/postfix/main.cf')
JUNK = Path(SIEVE, 'junk.sieve')
BINARY = Path(SIEVE_BINARIES, 'junk.svbin')


def test_two_changes_at_once_do_not_meet() -> None:
    with sieve.workplace() as one, sieve.workplace() as other:
        assert sieve.prepare(one)
        assert sieve.prepare(other)
        sieve.install(one)
        sieve.install(other)
    assert sorted(path.name for path in BINARY.parent.iterdir()) == [
        f'{name}.svbin' for name in sieve.SCRIPTS
    ]


@pytest.fixture(scope='module')
def _faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have an error in the script that sorts spam, and a setting that needs to be put right."""
    script = Path(shutil.copy2(JUNK, tmp_path_factory.mktemp('sieve')))
    settings = MAIN_CF.read_text(encoding='utf-8')
    try:
        JUNK.write_text('fileinto "Junk;\n', encoding='utf-8')
        mine = re.sub(r'(?m)^(message_size_limit =).*', r'\1 12345678', settings)
        MAIN_CF.write_text(mine, encoding='utf-8')
        yield
    finally:
        shutil.copy2(script, JUNK)
        MAIN_CF.write_text(settings, encoding='utf-8')
        readable.look(again=True)


@pytest.mark.usefixtures('_faulty')
def test_nothing_is_changed_while_a_script_has_an_error() -> None:
    before = MAIN_CF.read_text(encoding='utf-8'), BINARY.read_bytes()
    last = history.list_entries()[:1]
    with pytest.raises(MailError) as caught:
        refresh('test')
    assert caught.value.code == 'sieve-failed'
    assert str(JUNK) in caught.value.sentence
    assert 'line 2: error' in caught.value.detail
    assert (MAIN_CF.read_text(encoding='utf-8'), BINARY.read_bytes()) == before
    assert history.list_entries()[:1] == last


@pytest.mark.usefixtures('_faulty')
def test_the_status_names_a_script_that_got_an_error() -> None:
    (found,) = overview.overview_data().unreadable or ()
    assert found.daemon == 'Sieve'
    assert 'junk: line 2: error' in found.words


@pytest.mark.usefixtures('_faulty')
def test_settings_that_dovecot_cannot_read_are_no_error_of_a_script() -> None:
    theirs = Path('/etc/dovecot/conf.d/99-mine.conf')
    theirs.write_text('mail_max_userip_connections = many\n', encoding='utf-8')
    try:
        assert [each.daemon for each in readable.look()] == ['Dovecot']
    finally:
        theirs.unlink()
    assert [each.daemon for each in readable.look()] == ['Sieve']
