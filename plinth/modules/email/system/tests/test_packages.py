# SPDX-License-Identifier: AGPL-3.0-or-later
"""Packages as every user sees them, ten threads at once, beside others that use apt."""

import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ...errors import MailError
from .. import packages

THERE, NOT_THERE, UNKNOWN = 'python3-apt', 'mutt', 'freedombox-email-no-such'
SECTION = 'Package: {}\nStatus: install ok {}\nArchitecture: {}\nVersion: {}\n\n'
pytestmark = pytest.mark.skipif(
    not Path('/var/lib/apt/lists').exists(), reason='needs a machine with apt'
)


def _dpkg(folder: Path, *sections: tuple[str, str, str, str]) -> Path:
    (folder / 'status').write_text(''.join(SECTION.format(*each) for each in sections))
    return folder


def test_versions_of_dpkg_are_told() -> None:
    shown = subprocess.run(
        ['dpkg-query', '--show', '--showformat=${Version}', THERE],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert packages.installed([THERE, NOT_THERE, UNKNOWN]) == {THERE: shown}
    assert packages.look([THERE]).versions[THERE].installed == shown


def test_packages_of_two_architectures(tmp_path: Path) -> None:
    folder = _dpkg(tmp_path, ('x', 'installed', 'amd64', '1'), ('x', 'config-files', 'i386', '0.9'))
    assert packages.installed(['x'], folder) == {'x': '1'}


def test_changes_of_a_dpkg_that_was_cut_short_count(tmp_path: Path) -> None:
    folder = _dpkg(tmp_path, ('x', 'installed', 'amd64', '1'), ('y', 'installed', 'amd64', '1'))
    (folder / 'updates').mkdir()
    (folder / 'updates/0000').write_text(SECTION.format('x', 'half-installed', 'amd64', '1'))
    (folder / 'updates/0001').write_text(SECTION.format('x', 'installed', 'amd64', '2'))
    (folder / 'updates/0002').write_text(SECTION.format('y', 'half-installed', 'amd64', '2'))
    (folder / 'updates/tmp.i').write_text('#padding\n')
    assert packages.installed(['x', 'y'], folder) == {'x': '2'}


def test_a_list_that_is_damaged_or_missing(tmp_path: Path) -> None:
    with pytest.raises((OSError, MailError)):
        packages.installed(['x'], tmp_path)
    (tmp_path / 'status').write_bytes(b'\x00\xff no list\n')
    with pytest.raises((OSError, MailError)):
        packages.installed(['x'], tmp_path)


def test_sizes_are_those_of_what_is_missing() -> None:
    nothing = packages.look([THERE])
    assert (nothing.download, nothing.disk, nothing.lacking) == (0, 0, {})
    more = packages.look([THERE, NOT_THERE, UNKNOWN])
    assert more.versions[NOT_THERE].installed == ''
    assert more.versions[NOT_THERE].candidate
    assert UNKNOWN not in more.versions
    assert more.download > 100_000
    assert more.disk > more.download


def _ten(act: Callable[[int], Any], times: int) -> list[Any]:
    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(act, range(times)))


def test_ten_threads_look_at_once_and_as_freedombox_does_meanwhile() -> None:
    import apt

    def act(number: int) -> object:
        if number % 10 == 9:  # FreedomBox opens a cache in each of its threads
            return apt.Cache()[THERE].installed.version
        if number % 10 == 8:
            return packages.look([THERE]).versions[THERE].installed
        assert packages.is_older('1.0~rc1', '1.0')
        return packages.installed([THERE])[THERE]

    (version,) = packages.installed([THERE]).values()
    assert set(_ten(act, 40)) == {version}


def test_settings_of_apt_are_those_of_a_whole_process() -> None:
    """Why a program of its own uses apt's cache: one thread's settings are all threads'."""
    import apt_pkg

    name = 'APT::Freedombox-Email-Test'
    with ThreadPoolExecutor(1) as pool:
        pool.submit(apt_pkg.config.set, name, 'theirs').result()
    try:
        assert apt_pkg.config.find(name) == 'theirs'
    finally:
        apt_pkg.config.clear(name)
    packages.look([NOT_THERE])
    assert apt_pkg.config.find_b('APT::Install-Recommends', True) is True


CRASH = """
import threading, apt, apt_pkg
def again():
    while True:
        apt_pkg.init_system()
threading.Thread(target=again, daemon=True).start()
for _round in range(50):
    apt.Cache()
"""


def test_setting_apt_up_again_ends_a_process_with_threads() -> None:
    """Why it is done once, by an import: python-apt 3.0 frees what another thread uses."""
    done = subprocess.run(
        [sys.executable, '-I', '-c', CRASH], check=False, capture_output=True, timeout=120
    )
    assert done.returncode in (-signal.SIGSEGV, -signal.SIGABRT)


def test_a_user_without_rights_installs_nothing() -> None:
    with pytest.raises(MailError) as caught:
        packages.install([NOT_THERE], wait=0)
    assert caught.value.code == 'packages-failed'
    assert packages.installed([NOT_THERE]) == {}
