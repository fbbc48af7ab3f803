# SPDX-License-Identifier: AGPL-3.0-or-later
"""Packages are installed and removed with the real apt, from a source made for it.

Runs as root inside the box.
"""

import fcntl
import hashlib
import os
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from plinth.modules.email.errors import MailError
from plinth.modules.email.system import packages
from plinth.modules.email.system.packages import AptProgress

SOURCE = Path('/etc/apt/sources.list.d/freedombox-email-test.list')
FOLDER = Path('/srv/freedombox-email-test')
LOCK = Path('/var/lib/dpkg/lock-frontend')
HISTORY = Path('/var/log/apt/history.log')
PACKAGES = [f'freedombox-email-test-{number}' for number in range(3)]
ONE = PACKAGES[0]
_WORDS = ('needs', 'bad', 'huge', 'against', 'odd')
NEEDS_ONE, BAD, HUGE, CONFLICTS, ODD = (f'freedombox-email-test-{word}' for word in _WORDS)
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason='needs root on a machine of its own')


def run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _make(name: str, fields: str = '', script: str = '', content: str = '') -> str:
    """Make a package; its entry in the list of a source."""
    tree = FOLDER / name
    (tree / 'DEBIAN').mkdir(parents=True)
    control = (
        f'Package: {name}\nVersion: 1.0\nArchitecture: all\nMaintainer: x <x@example.org>\n'
        f'{fields}Description: test\n'
    )
    (tree / 'DEBIAN/control').write_text(control)
    if script:
        (tree / 'DEBIAN/postinst').write_text(f'#!/bin/sh\n{script}\n')
        (tree / 'DEBIAN/postinst').chmod(0o755)
    # dpkg forgets a package of which nothing is left but what others have too.
    (tree / 'usr/share/doc' / name).mkdir(parents=True)
    if content:
        (tree / 'etc').mkdir()
        (tree / 'etc' / name).write_text(content)
        (tree / 'DEBIAN/conffiles').write_text(f'/etc/{name}\n')
    archive = FOLDER / f'{name}.deb'
    run('dpkg-deb', '--root-owner-group', '--build', str(tree), str(archive))
    data = archive.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return f'{control}Filename: ./{archive.name}\nSize: {len(data)}\nSHA256: {digest}\n\n'


def _update() -> None:
    run(
        'apt-get', 'update', '-q', '-o', f'Dir::Etc::sourcelist={SOURCE}',
        '-o', 'Dir::Etc::sourceparts=-', '-o', 'APT::Get::List-Cleanup=0',
    )  # fmt: skip


@pytest.fixture(name='source', scope='module', autouse=True)
def fixture_source() -> Iterator[None]:
    """A source with packages that are small, and some that are odd."""
    FOLDER.mkdir(mode=0o755)
    entries = [_make(name) for name in PACKAGES]
    entries += [
        _make(NEEDS_ONE, f'Depends: {ONE}\n'),
        _make(BAD, script='echo it is bad >&2; exit 3'),
        _make(HUGE, 'Installed-Size: 99999999999\n'),
        _make(CONFLICTS, f'Conflicts: {ONE}\n'),
        _make(ODD, script='echo "{ no json"; echo $DEBIAN_FRONTEND', content='theirs\n'),
    ]
    (FOLDER / 'Packages').write_text(''.join(entries))
    SOURCE.write_text(f'deb [trusted=yes] file:{FOLDER} ./\n')
    _update()
    yield
    SOURCE.unlink()
    run('rm', '-r', str(FOLDER))
    for path in Path('/var/lib/apt/lists').glob('*freedombox-email-test*'):
        path.unlink()


@pytest.fixture(autouse=True)
def _gone() -> Iterator[None]:
    yield
    every = [*PACKAGES, NEEDS_ONE, BAD, HUGE, CONFLICTS, ODD]
    run('dpkg', '--purge', '--force-all', *every)


@contextmanager
def locked() -> Iterator[None]:
    """The lock of dpkg, held by another process."""
    program = (
        'import fcntl, sys; stream = open(sys.argv[1], "w"); fcntl.lockf(stream, fcntl.LOCK_EX); '
        'print("held", flush=True); sys.stdin.read()'
    )
    with subprocess.Popen(
        ['/usr/bin/python3', '-c', program, str(LOCK)], stdin=-1, stdout=-1, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == 'held\n'
        try:
            yield
        finally:
            holder.terminate()


def test_a_package_comes_and_goes_with_progress() -> None:
    seen: list[AptProgress] = []
    assert packages.install([ONE], on_progress=seen.append) == (ONE,)
    assert packages.installed([ONE]) == {ONE: '1.0'}
    assert {each.step for each in seen} >= {'install'}
    assert all(0 <= each.percent <= 100 for each in seen)
    assert ONE in {each.package for each in seen}
    assert packages.install([ONE]) == ()
    assert run('apt-mark', 'showmanual', ONE) == ONE
    assert f'Commandline: freedombox-email: install {ONE}\n' in HISTORY.read_text()
    assert packages.remove([ONE], on_progress=seen.append) == (ONE,)
    assert packages.installed([ONE]) == {}
    assert packages.remove([ONE]) == ()


def test_one_that_was_not_asked_for_by_name_is_automatic() -> None:
    packages.install([NEEDS_ONE], automatic=True)
    assert set(run('apt-mark', 'showauto', ONE, NEEDS_ONE).split()) == {ONE, NEEDS_ONE}


@pytest.mark.long
def test_ten_threads_install_one_after_the_other() -> None:
    def act(number: int) -> tuple[str, ...]:
        if number % 2:
            assert set(packages.installed(PACKAGES)) <= set(PACKAGES)
        return packages.install([PACKAGES[number % 3]])

    with ThreadPoolExecutor(10) as pool:
        done = [each for each in pool.map(act, range(10)) if each]
    assert sorted(done) == [(each,) for each in PACKAGES], 'each by one of them'
    assert packages.installed(PACKAGES) == dict.fromkeys(PACKAGES, '1.0')
    with ThreadPoolExecutor(10) as pool:
        looks = pool.map(lambda _each: packages.installed(PACKAGES), range(50))
        assert sorted(packages.remove(PACKAGES)) == PACKAGES
        assert all(set(each) <= set(PACKAGES) for each in looks)


def test_the_lock_of_others_is_waited_for() -> None:
    waits = threading.Event()

    def on_progress(progress: AptProgress) -> None:
        if progress.step == 'waiting':
            waits.set()

    with ThreadPoolExecutor(1) as pool:
        with locked():
            job = pool.submit(packages.install, [ONE], on_progress=on_progress)
            assert waits.wait(30)
            assert not job.done()
            assert packages.look([ONE]).versions[ONE].candidate == '1.0', 'looking needs no lock'
        assert job.result() == (ONE,)


def test_the_lock_of_a_download_is_waited_for() -> None:
    waits = threading.Event()
    with Path('/var/cache/apt/archives/lock').open('w') as stream, ThreadPoolExecutor(1) as pool:
        fcntl.lockf(stream, fcntl.LOCK_EX)
        job = pool.submit(packages.install, [ONE], on_progress=lambda _progress: waits.set())
        assert waits.wait(30)
        assert not job.done()
        fcntl.lockf(stream, fcntl.LOCK_UN)
        assert job.result() == (ONE,)


def test_one_can_wait_too_long() -> None:
    with locked():
        for act in (packages.install, packages.remove):
            with pytest.raises(MailError) as caught:
                act([ONE], wait=1)
            assert caught.value.code == 'packages-busy'
            assert caught.value.sentence.startswith('Another program is installing')
            assert caught.value.detail


@pytest.mark.parametrize(
    ('package', 'code', 'words'),
    [
        ('freedombox-email-no-such', 'packages-unknown', 'freedombox-email-no-such'),
        ('-o', 'packages-unknown', '-o'),
        (HUGE, 'no-space', 'MB of disk space'),
        (BAD, 'packages-failed', 'apt'),
    ],
)
def test_what_cannot_be_installed_is_told(package: str, code: str, words: str) -> None:
    with pytest.raises(MailError) as caught:
        packages.install([package])
    assert caught.value.code == code
    assert words in caught.value.sentence
    assert package not in packages.installed([package])


def test_a_script_that_fails_is_named() -> None:
    with pytest.raises(MailError) as caught:
        packages.install([BAD])
    assert BAD in caught.value.detail


def test_nothing_has_to_go_for_a_package() -> None:
    packages.install([ONE])
    with pytest.raises(MailError) as caught:
        packages.install([CONFLICTS])
    assert caught.value.code == 'packages-conflict'
    assert ONE in caught.value.sentence
    assert packages.installed([ONE, CONFLICTS]) == {ONE: '1.0'}


def test_what_others_need_stays() -> None:
    packages.install([NEEDS_ONE])
    with pytest.raises(MailError) as caught:
        packages.remove([ONE])
    assert caught.value.code == 'packages-needed'
    assert NEEDS_ONE in caught.value.sentence
    assert set(packages.installed([ONE, NEEDS_ONE])) == {ONE, NEEDS_ONE}
    assert set(packages.remove([ONE, NEEDS_ONE])) == {ONE, NEEDS_ONE}


def test_a_script_may_say_what_it_likes_and_an_edited_file_stays() -> None:
    packages.install([ODD])
    edited = Path('/etc', ODD)
    edited.write_text('mine\n')
    packages.remove([ODD])
    packages.install([ODD])
    assert edited.read_text() == 'mine\n'
    packages.remove([ODD], purge=True)
    assert not edited.exists()


def test_the_work_of_a_dpkg_that_was_cut_short_is_finished() -> None:
    run('dpkg', '--unpack', str(FOLDER / f'{PACKAGES[1]}.deb'))
    status = Path('/var/lib/dpkg/status').read_text()
    section = next(each for each in status.split('\n\n') if f'Package: {PACKAGES[1]}\n' in each)
    Path('/var/lib/dpkg/updates/0000').write_text(f'{section}\n')
    packages.install([ONE])
    assert packages.installed([ONE, PACKAGES[1]]) == {ONE: '1.0', PACKAGES[1]: '1.0'}
    assert not list(Path('/var/lib/dpkg/updates').glob('[0-9]*'))
