# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tests of the lenses and the editor on every file that the installed packages bring.

They need the packages and so run in the box. Nothing on the machine is changed: the
daemons' own programs read copies.
"""

import gzip
import os
import shutil
import subprocess
from contextlib import closing
from itertools import batched
from pathlib import Path

import pytest
from augeas import Augeas

from plinth.modules.email.config.state import (
    DovecotConf,
    DovecotSetting,
    MainCf,
    MasterCf,
    MasterService,
)
from plinth.modules.email.transaction.editor import ADDED, WRITTEN, drift, edit
from plinth.modules.email.transaction.tokens import Edit

LENSES = Path(__file__).parents[2] / 'data/usr/share/augeas/lenses'
os.environ['AUGEAS_LENS_LIB'] = str(LENSES)

POSTFIX = [Path('/etc/postfix'), Path('/usr/share/postfix')]
DOVECOT = [
    Path('/usr/share/dovecot'),
    Path('/etc/dovecot'),
    Path('/usr/share/doc/dovecot-core/example-config/conf.d'),
    Path('/usr/share/freedombox/etc/dovecot/conf.d'),
]

ADD_MAIN = MainCf({'fbx_probe': 'one two'})
ADD_MASTER = MasterCf((MasterService('fbx', 'unix', 'pipe', options=(('a', 'b c'),)),))
ADD_DOVECOT = DovecotConf('/probe', (DovecotSetting('fbx_probe', 'one two'),))

pytestmark = pytest.mark.skipif(
    not shutil.which('doveconf') or not shutil.which('postconf'),
    reason='Postfix and Dovecot are not installed.',
)


def files(folders: list[Path], *patterns: str) -> list[Path]:
    """The files below some folders whose names match."""
    found = {file for folder in folders for name in patterns for file in folder.rglob(name)}
    return sorted(file for file in found if file.is_file())


MAIN_FILES = files(POSTFIX, 'main.cf*')
MASTER_FILES = files(POSTFIX, 'master.cf*')
DOVECOT_FILES = files(DOVECOT, '*.conf', '*.conf.ext', '*.conf.gz', '*.protocol')

STOCK = [
    *(('Freedombox_postfix_main', '*[label() != "#comment"]', ADD_MAIN, f) for f in MAIN_FILES),
    *(('Freedombox_postfix_master', 'service/command', ADD_MASTER, f) for f in MASTER_FILES),
    *(('Freedombox_dovecot', '/setting/value', ADD_DOVECOT, f) for f in DOVECOT_FILES),
]


def read(file: Path) -> str:
    """The text of a file, also of one packed by Debian's documentation rules."""
    content = file.read_bytes()
    return (gzip.decompress(content) if file.suffix == '.gz' else content).decode()


def changed(before: str, after: str) -> int:
    """Count the lines that differ between texts with the same number of lines."""
    pairs = zip(before.split('\n'), after.split('\n'), strict=True)
    return sum(old != new for old, new in pairs)


@pytest.mark.parametrize('test', sorted(LENSES.glob('tests/*.aug')), ids=lambda test: test.stem)
def test_lens(test: Path) -> None:
    if not shutil.which('augparse'):
        pytest.skip('augeas-tools is not installed.')

    done = subprocess.run(
        ['augparse', '-I', LENSES, test], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_stock_files_are_there() -> None:
    assert len(MAIN_FILES) >= 4
    assert len(MASTER_FILES) >= 2
    assert len(DOVECOT_FILES) >= 50


@pytest.mark.parametrize(('lens', 'query', 'wanted', 'file'), STOCK, ids=str)
def test_round_trip(lens: str, query: str, wanted: Edit, file: Path) -> None:
    del wanted
    text = read(file) or '\n'
    with closing(Augeas(flags=Augeas.NO_LOAD | Augeas.NO_MODL_AUTOLOAD)) as augeas:

        def write() -> str:
            augeas.text_retrieve(f'{lens}.lns', '/in', '/file', '/out')
            return str(augeas.get('/out'))

        augeas.set('/in', text)
        augeas.text_store(f'{lens}.lns', '/in', '/file')
        assert write() == text
        values = {path: augeas.get(path) for path in augeas.match(f'/file/{query}')}
        lines = [(path, value) for path, value in values.items() if value and '\n' not in value]
        for some in batched(lines, 10):  # each writing takes as long as the file is
            for path, value in some:
                augeas.set(path, f'{value}x')
            assert changed(text, write()) == len(some)
            for path, value in some:
                augeas.set(path, value)
            assert write() == text


@pytest.mark.parametrize(('lens', 'query', 'wanted', 'file'), STOCK, ids=str)
def test_editor_only_adds(lens: str, query: str, wanted: Edit, file: Path) -> None:
    del lens, query
    text = read(file)
    new = edit(wanted, text)
    assert new.startswith(text)
    if ADDED not in text and WRITTEN not in text:  # a box in use holds files marked already
        assert next(line for line in new[len(text) :].split('\n') if line) == ADDED
    assert drift(wanted, new) == ()
    assert edit(wanted, new) == new


def run(*arguments: str | Path) -> str:
    """The output of a program."""
    return subprocess.run(arguments, capture_output=True, text=True, check=True).stdout


@pytest.fixture(name='dovecot')
def fixture_dovecot(tmp_path: Path) -> Path:
    """A copy of Dovecot's configuration as Debian ships it."""
    shutil.copytree('/usr/share/dovecot', tmp_path / 'dovecot')
    return tmp_path / 'dovecot'


@pytest.fixture(name='postfix')
def fixture_postfix(tmp_path: Path) -> Path:
    """A copy of Postfix's configuration as Debian ships it."""
    folder = tmp_path / 'postfix'
    folder.mkdir()
    shutil.copy('/usr/share/postfix/main.cf.debian', folder / 'main.cf')
    shutil.copy('/usr/share/postfix/master.cf.dist', folder / 'master.cf')
    return folder


def test_doveconf_agrees(dovecot: Path) -> None:
    main, mail = dovecot / 'dovecot.conf', dovecot / 'conf.d/10-mail.conf'
    before = run('doveconf', '-n', '-c', main).splitlines()
    settings = (
        DovecotSetting('mail_driver', 'maildir'),
        DovecotSetting('mail_path', '~/Maildir'),
        DovecotSetting('auto', 'create', (('namespace', 'inbox'), ('mailbox', 'My own box'))),
        DovecotSetting('imap_sieve', 'yes', (('protocol', 'imap'), ('mail_plugins', ''))),
        DovecotSetting('process_limit', '77', (('service', 'imap'),)),
        DovecotSetting('login_greeting', '"Box # 1"'),
    )
    mail.write_text(edit(DovecotConf(str(mail), settings), mail.read_text()))

    after = run('doveconf', '-n', '-c', main).splitlines()
    new = [line.strip() for line in after if line not in before]
    for line in (
        'mail_driver = maildir',
        'mail_path = ~/Maildir',
        'mailbox "My own box" {',
        'auto = create',
        'imap_sieve = yes',
        'process_limit = 77',
        'login_greeting = "Box # 1"',
    ):
        assert line in new
    gone = [line for line in before if line not in after and not line.startswith('#')]
    assert gone == ['mail_driver = mbox', 'mail_path = %{home}/mail']


ODD_DOVECOT = r"""dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
import_environment {
	plain=a
  fold =   \
     b \
	c # note
  single = it's # no comment
  double = "x # \" y" # note
  "a key" = d
  empty =# note
    path = ~/%{user | lower}/x
} # end
"""


def test_doveconf_reads_odd_lines_as_we_do(tmp_path: Path) -> None:
    file = tmp_path / 'dovecot.conf'
    file.write_text(ODD_DOVECOT)
    lines = run('doveconf', '-c', file, 'import_environment').splitlines()
    values = {
        'plain': 'a',
        'fold': 'b c',
        'single': "it's # no comment",
        'double': '"x # \\" y"',
        '"a key"': 'd',
        'empty': '',
        'path': '~/%{user | lower}/x',
    }
    # Dovecot quotes what needs no quotes.
    printed = {**values, 'single': '"it\\\'s # no comment"'}
    for key, value in printed.items():
        assert f'  {key} = {value}' in lines
    block = (('import_environment', ''),)
    wanted = tuple(DovecotSetting(key.strip('"'), text, block) for key, text in values.items())
    assert drift(DovecotConf(str(file), wanted), ODD_DOVECOT) == ()


ODD_MAIN = """compatibility_level = 3.6
mail_version=a # b
myorigin = one,
# note
    # note

   two
biff =
  no
mail_name = #x
"""


def test_postconf_reads_odd_lines_as_we_do(postfix: Path) -> None:
    file = postfix / 'main.cf'
    file.write_text(ODD_MAIN)
    values = {
        'mail_version': 'a # b',
        'myorigin': 'one, two',
        'biff': 'no',
        'mail_name': '#x',
    }
    for key, value in values.items():
        assert ' '.join(run('postconf', '-c', postfix, '-h', key).split()) == value
    assert drift(MainCf(values), ODD_MAIN) == ()


def test_postconf_agrees(postfix: Path) -> None:
    main, master = postfix / 'main.cf', postfix / 'master.cf'
    before = run('postconf', '-c', postfix, '-M').splitlines()
    main.write_text(
        edit(MainCf({'biff': 'yes', 'relayhost': '[a]:25', 'mynetworks': None}), main.read_text())
    )
    options = (('syslog_name', 'postfix/x'), ('smtpd_x_restrictions', 'permit_a, reject'))
    service = MasterService('submissions', 'inet', 'smtpd', 'n', '-', 'y', options=options)
    master.write_text(edit(MasterCf((service,), (('relay', 'unix'),)), master.read_text()))

    assert run('postconf', '-c', postfix, '-h', 'biff', 'relayhost') == 'yes\n[a]:25\n'
    assert 'mynetworks =' not in run('postconf', '-c', postfix, '-n')
    after = run('postconf', '-c', postfix, '-M').splitlines()
    assert [line for line in before if line not in after] == [
        line for line in before if line.startswith('relay ')
    ]
    assert [' '.join(line.split()) for line in after if line not in before] == [
        'submissions inet n - y - - smtpd -o syslog_name=postfix/x '
        '-o {smtpd_x_restrictions=permit_a, reject}'
    ]
