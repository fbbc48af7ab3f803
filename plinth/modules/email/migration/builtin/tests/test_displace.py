# SPDX-License-Identifier: AGPL-3.0-or-later
"""Clearing away the built-in app."""

from pathlib import Path
from typing import Any

from plinth.modules.email.migration.builtin import displace


def test_only_links_to_freedomboxs_files_go(tmp_path: Path, monkeypatch: Any) -> None:
    shipped, etc = tmp_path / 'shipped', tmp_path / 'etc'
    shipped.mkdir()
    etc.mkdir()
    monkeypatch.setattr(displace, 'SHIPPED', shipped)
    (shipped / 'a').write_text('theirs')
    (etc / 'a').symlink_to(shipped / 'a')
    (etc / 'b').write_text('of the administrator')
    (etc / 'c').symlink_to(etc / 'b')
    assert displace.remove_links(etc, ('a', 'b', 'c', 'd')) == ['a']
    assert sorted(path.name for path in etc.iterdir()) == ['b', 'c']
    assert displace.remove_links(etc, ('a', 'b', 'c', 'd')) == []


def test_a_link_to_a_link_goes_too(tmp_path: Path, monkeypatch: Any) -> None:
    shipped = tmp_path / 'shipped'
    shipped.mkdir()
    monkeypatch.setattr(displace, 'SHIPPED', shipped)
    (shipped / 'site').write_text('theirs')
    (tmp_path / 'available').symlink_to(shipped / 'site')
    (tmp_path / 'enabled').symlink_to('available')
    assert displace.remove_links(tmp_path, ('enabled', 'available')) == ['enabled', 'available']


BUILT_IN = '.include(priority=2,duplicate=merge) "$LOCAL_CONFDIR/local.d/freedombox-redis.conf"\n'
BEARING = BUILT_IN.replace('.include(', '.include(try=true; ')
OWN = '# mine\n.include "$LOCAL_CONFDIR/local.d/own.conf"\nservers = "::1";'


def test_lines_of_the_built_in_app_first_bear_then_go(tmp_path: Path) -> None:
    file = tmp_path / 'redis.conf'
    file.write_text(BUILT_IN + OWN)
    file.chmod(0o640)
    displace.rewrite(file, displace.bearing)
    assert file.read_text() == BEARING + OWN
    displace.rewrite(file, displace.bearing)
    assert file.read_text() == BEARING + OWN
    displace.rewrite(file, displace.gone)
    assert file.read_text() == OWN
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ['redis.conf']


def test_a_file_of_the_built_in_app_alone_goes(tmp_path: Path) -> None:
    file = tmp_path / 'redis.conf'
    file.write_text(BUILT_IN)
    displace.rewrite(file, displace.gone)
    assert not file.exists()
    displace.rewrite(file, displace.gone)
