# SPDX-License-Identifier: AGPL-3.0-or-later
"""The Debian package on a real FreedomBox: whatever is done to it, the web interface works.

Runs against a machine of the lab after its first boot, on which no e-mail app is set up.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import container, freedombox, life, package
from lab.host import wait_for
from lab.settings import FRESH
from lab.web import Browser, Page

PACKAGE = 'freedombox-email'
APP_PATH = '/freedombox/apps/email/'
MODULES = '/usr/lib/python3/dist-packages/plinth'
STATE = '/var/lib/freedombox-email'
MAIL_SERVICES = ('postfix.service', 'dovecot.service', 'rspamd.service')
SET_UP = 300  # seconds for installing the mail daemons from the network


class Box:
    """The machine under test: commands inside it and its web pages."""

    def __init__(self, deb: Path) -> None:
        self.prefix = container.command(FRESH, [])
        self.deb = deb

    def run(self, *arguments: str, check: bool = True, stdin: bytes | None = None) -> str:
        """Run a command as root in the box and return what it printed."""
        result = subprocess.run(
            [*self.prefix, *arguments], input=stdin, capture_output=True, check=False, timeout=600
        )
        output = (result.stdout + result.stderr).decode(errors='replace')
        assert not check or result.returncode == 0, f'{arguments}: {output}'
        return output

    def succeeds(self, *arguments: str) -> bool:
        """Tell whether a command in the box ends with status 0."""
        return (
            subprocess.run([*self.prefix, *arguments], capture_output=True, check=False).returncode
            == 0
        )

    def copy_in(self, deb: Path) -> str:
        """Copy a package into the box and return its path there."""
        path = f'/root/{deb.name}'
        self.run('tee', path, stdin=deb.read_bytes())
        return path

    def run_and_restart(self, *arguments: str) -> None:
        """Run a command that makes the web service restart, and wait for that."""
        before = self.web_process()
        self.run(*arguments)
        wait_for('the web service to restart', lambda: self.web_process() not in (before, ''), 120)

    def apt(self, *arguments: str) -> None:
        """Run apt-get."""
        command = ('env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-y', '-q')
        self.run_and_restart(*command, *arguments)

    def install(self, deb: Path) -> None:
        """Install or upgrade our package, as `apt install ./x.deb` does."""
        self.apt('install', '--allow-downgrades', '--reinstall', self.copy_in(deb))

    def web_process(self) -> str:
        """Return the id of the web service's process, nothing unless it is ready."""
        shown = self.run('systemctl', 'show', '-p', 'MainPID', '-p', 'SubState', 'plinth.service')
        return ''.join(re.findall(r'MainPID=(\d+)', shown)) if 'SubState=running' in shown else ''

    def stored(self, statement: str) -> str:
        """Run a statement on FreedomBox's database and return the rows."""
        script = (
            'import sqlite3, sys\n'
            "with sqlite3.connect('/var/lib/plinth/plinth.sqlite3', timeout=30) as base:\n"
            '    print(base.execute(sys.argv[1]).fetchall())\n'
        )
        return self.run('python3', '-c', script, statement).strip()

    def app_version(self) -> int:
        """Return the stored version of the e-mail app, 0 when it is not set up."""
        rows = self.stored("SELECT setup_version FROM freedombox_module WHERE name = 'email'")
        return int(re.sub(r'\D', '', rows) or 0)


def log_in() -> Browser:
    """Return a browser logged in as administrator."""
    browser = Browser(f'https://{FRESH.ip}')
    page = browser.get('/freedombox/accounts/login/')
    form = page.form(has_field='username')
    browser.submit(page, form, username='tester', password='testingtesting')
    return browser


def is_built_in(page: Page) -> bool:
    """Tell whether a page of the e-mail app comes from the built-in app."""
    return re.search(r'<h2[^>]*>[^<]*Postfix/Dovecot', page.text) is not None


def offers_installation(page: Page) -> bool:
    """Tell whether the app's page shows the button that installs it."""
    return 'form-install' in page.text


def assert_web_works(box: Box) -> Page:
    """Check FreedomBox's pages and what serves them; return the e-mail app's page."""
    browser = log_in()
    for path in ('/freedombox/', '/freedombox/apps/', '/freedombox/sys/', APP_PATH):
        page = browser.get(path)
        assert page.status == 200, f'{path}: {page.status}'
    box.run('apachectl', 'configtest')
    assert box.run('find', '/etc', '-xtype', 'l', '-lname', '/usr/share/freedombox*') == ''
    assert box.run('systemctl', 'show', '-p', 'NRestarts', 'plinth.service') == 'NRestarts=0\n'
    return page


def assert_gone(box: Box) -> Page:
    """Check that the built-in app is back, offered for installation, and nothing of ours loads."""
    page = assert_web_works(box)
    assert is_built_in(page)
    assert offers_installation(page)
    assert not box.succeeds('test', '-e', MODULES)
    assert not box.succeeds('test', '-e', '/etc/freedombox/modules-enabled')
    rows = box.stored("SELECT * FROM freedombox_storednotification WHERE app_id LIKE 'email%'")
    assert rows == '[]'
    return page


def is_busy(page: Page) -> bool:
    """Tell whether the app's page shows that something is being done to it."""
    return 'class="app-operation"' in page.text


def set_up_app(box: Box) -> None:
    """Install the e-mail app as an administrator does, by its page."""
    browser = log_in()
    page = browser.get(APP_PATH)
    assert offers_installation(page)
    browser.submit(page, page.form(button='install'), install='Install')
    wait_until_set_up(box)


def wait_until_set_up(box: Box) -> None:
    """Wait until no operation of the e-mail app runs, then check that it ended well."""
    browser = log_in()
    wait_for('the operation to end', lambda: not is_busy(browser.get(APP_PATH)), SET_UP, 1)
    assert box.app_version() > 0
    page = browser.get(APP_PATH)
    assert page.status == 200
    assert not offers_installation(page)


def repack(deb: Path, folder: Path, version: str, extra: str = '') -> Path:
    """Return a copy of the package with another version, its app's code extended."""
    tree = folder / 'tree'
    subprocess.run(['dpkg-deb', '-R', str(deb), str(tree)], check=True)
    control = tree / 'DEBIAN/control'
    control.write_text(re.sub(r'(?m)^Version: .*', f'Version: {version}', control.read_text()))
    module = tree / MODULES.lstrip('/') / 'modules/email'
    (module / 'added.py').write_text('"""Only in this version."""\n')
    with (module / '__init__.py').open('a') as code:
        code.write(extra)
    result = folder / f'{PACKAGE}_{version}_all.deb'
    subprocess.run(['dpkg-deb', '--root-owner-group', '-b', str(tree), str(result)],
                   check=True, capture_output=True)  # fmt: skip
    return result


@pytest.fixture(scope='module')
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """Return a box after first boot, and the package made from the working tree."""
    container.discard(FRESH)
    life.boot_box(FRESH)
    freedombox.wait_until_ready(FRESH)
    yield Box(package.build(tmp_path_factory.mktemp('package')))
    container.discard(FRESH)


@pytest.fixture(autouse=True)
def _purged(box: Box) -> Iterator[None]:
    """Leave no package behind, so that one failed test does not fail the others."""
    yield
    if box.succeeds('test', '-e', MODULES):
        box.run_and_restart('dpkg', '--purge', PACKAGE)
    box.stored("DELETE FROM freedombox_module WHERE name = 'email'")


def test_comes_and_goes_beside_an_app_that_is_not_set_up(box: Box, tmp_path: Path) -> None:
    """Install, upgrade, remove, install again, purge."""
    assert is_built_in(assert_web_works(box))
    box.install(box.deb)
    assert not is_built_in(assert_web_works(box))

    box.install(repack(box.deb, tmp_path, '999.0'))
    assert not is_built_in(assert_web_works(box))
    assert box.succeeds('test', '-e', f'{MODULES}/modules/email/added.py')

    box.install(box.deb)
    assert 'added' not in box.run('find', MODULES)

    box.apt('remove', PACKAGE)
    assert_gone(box)
    box.install(box.deb)
    assert not is_built_in(assert_web_works(box))
    box.apt('purge', PACKAGE)
    assert_gone(box)


def test_new_code_is_loaded_at_once(box: Box, tmp_path: Path) -> None:
    """Both of FreedomBox's processes run the code of the new version after an upgrade."""
    box.install(box.deb)
    box.run('systemctl', 'start', 'freedombox-privileged.service')
    before = box.run('systemctl', 'show', '-p', 'MainPID', 'freedombox-privileged.service')
    box.install(
        repack(box.deb, tmp_path, '999.0', "\nimport syslog\nsyslog.syslog('loaded 999.0')\n")
    )
    log = box.run('journalctl', '--boot', '--grep', 'loaded 999.0', '--output', 'cat')
    assert 'loaded 999.0' in log
    assert box.run('systemctl', 'show', '-p', 'MainPID', 'freedombox-privileged.service') != before


def test_missing_dependencies_leave_the_built_in_app(box: Box) -> None:
    """`dpkg -i` without what we depend on must not take the web interface down."""
    box.run('dpkg', '--force-depends', '--remove', 'python3-ldap3')
    assert not box.succeeds('dpkg', '-i', box.copy_in(box.deb))
    box.run('systemctl', 'restart', 'plinth.service')
    assert is_built_in(assert_web_works(box))
    box.apt('--fix-broken', 'install')
    assert not is_built_in(assert_web_works(box))


def test_a_broken_version_can_be_removed(box: Box, tmp_path: Path) -> None:
    """When our own code cannot be loaded, removing the package repairs the web interface."""
    box.install(box.deb)
    deb = repack(box.deb, tmp_path, '999.0', "\nraise RuntimeError('broken')\n")
    box.run('dpkg', '-i', box.copy_in(deb))
    box.apt('remove', PACKAGE)
    wait_for('the web interface', lambda: log_in().get('/freedombox/').status == 200, 60)
    assert_gone(box)


def test_another_ones_override_is_respected(box: Box) -> None:
    """A file that the admin put in our place stays as it is."""
    override = '/etc/freedombox/modules-enabled/email'
    box.run('mkdir', '-p', str(Path(override).parent))
    box.run('tee', override, stdin=b'freedombox.modules.email\n')
    box.install(box.deb)
    assert is_built_in(assert_web_works(box))
    box.apt('remove', PACKAGE)
    assert box.run('cat', override) == 'freedombox.modules.email\n'
    box.run('rm', '-r', '/etc/freedombox')


def test_removal_while_our_app_is_set_up(box: Box) -> None:
    """The mail services stop, so that senders wait; purging keeps mail."""
    box.install(box.deb)
    set_up_app(box)
    box.run('mkdir', '-p', f'{STATE}/history', '/var/vmail/example.test/kept')

    box.apt('remove', PACKAGE)
    assert_gone(box)
    assert box.app_version() == 0
    assert [unit for unit in MAIL_SERVICES if box.succeeds('systemctl', 'is-active', unit)] == []
    box.run('systemctl', 'restart', 'apache2.service')
    assert_gone(box)
    assert box.succeeds('test', '-d', f'{STATE}/history')

    box.run('dpkg', '--purge', PACKAGE)
    assert not box.succeeds('test', '-e', f'{STATE}/history')
    assert box.succeeds('test', '-d', '/var/vmail/example.test/kept')
    box.run('rm', '-r', '/var/vmail/example.test/kept')


def test_reinstalled_app_can_be_set_up_again(box: Box) -> None:
    """Removing and installing again ends with a working app after one click."""
    box.install(box.deb)
    set_up_app(box)
    box.apt('remove', PACKAGE)
    box.install(box.deb)
    assert offers_installation(assert_web_works(box))
    set_up_app(box)
    assert not is_built_in(assert_web_works(box))


def test_over_a_built_in_app_that_is_set_up(box: Box) -> None:
    """Our app takes over as an update; after removal the built-in one can be set up again."""
    set_up_app(box)
    built_in = box.app_version()
    box.install(box.deb)
    wait_for('our update', lambda: box.app_version() > built_in, SET_UP, 1)
    wait_until_set_up(box)
    assert not is_built_in(assert_web_works(box))

    box.apt('purge', PACKAGE)
    assert_gone(box)
    set_up_app(box)
    page = assert_web_works(box)
    assert is_built_in(page)
    assert log_in().get(f'{APP_PATH}aliases/').status == 200
    for unit in MAIL_SERVICES:
        assert box.succeeds('systemctl', 'is-active', unit), unit
