# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which packages are too old to be safe."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from plinth.modules.email.health import versions
from plinth.modules.email.health.condition import judge
from plinth.modules.email.health.diagnosis import to_checks
from plinth.modules.email.health.observation import Observation
from plinth.modules.email.status import State
from plinth.modules.email.system import packages

DOVECOT = '1:2.4.1+dfsg1-6+deb13u7'


@pytest.mark.parametrize(
    ('installed', 'is_outdated'),
    [
        (DOVECOT, False),
        ('1:2.4.1+dfsg1-6+deb13u6', True),
        ('1:2.4.1+dfsg1-6+deb13u10', False),  # as text it would be older
        ('1:2.4.1+dfsg1-6', True),
        ('2.4.9-1', True),  # without the epoch
        ('1:2.4.5+dfsg1-4', False),
    ],
)
def test_versions_are_compared_as_dpkg_does(installed: str, is_outdated: bool) -> None:
    found = versions.compare({'dovecot-core': installed}, {'dovecot-core': DOVECOT})
    assert bool(found) is is_outdated


def test_what_is_not_installed_is_not_outdated(tmp_path: Path) -> None:
    listing = [
        ('roundcube-core', 'unknown ok not-installed', ''),
        ('dovecot-core', 'deinstall ok config-files', '1.0'),
        ('postfix', 'install ok installed', '3'),
    ]
    sections = [
        f'Package: {each}\nStatus: {status}\nVersion: {version}\n'
        for each, status, version in listing
    ]
    (tmp_path / 'status').write_text('\n'.join(sections))
    names = [name for name, _status, _version in listing]
    assert packages.installed(names, tmp_path) == {'postfix': '3'}
    assert versions.compare({}, versions.OLDEST['trixie']) == ()


@pytest.mark.parametrize(
    ('text', 'name'),
    [('ID=debian\nVERSION_CODENAME=trixie\n', 'trixie'), ('VERSION_CODENAME="forky"\n', 'forky'),
     ('ID=debian\n', '')],
)  # fmt: skip
def test_the_release_is_read(text: str, name: str) -> None:
    assert versions.release(text) == name


def test_it_is_told_on_the_overview_and_among_the_checks() -> None:
    old = versions.Outdated('dovecot-core', '1:2.4.1+dfsg1-6', DOVECOT)
    seen = Observation(enabled=True, outdated=(old,))
    findings = {finding.code: finding for finding in judge(seen, datetime.now(UTC)).findings}
    assert findings['outdated-dovecot-core'].state is State.LOOK
    assert 'email-outdated-dovecot-core' in {
        check.check_id for check in to_checks(seen, datetime.now(UTC))
    }


def test_what_cannot_be_seen_is_no_safe_version() -> None:
    seen = Observation(enabled=True, outdated=None)
    codes = [finding.code for finding in judge(seen, datetime.now(UTC)).findings]
    assert 'versions-unknown' in codes


def test_this_box_can_be_looked_at() -> None:
    assert isinstance(versions.outdated(), tuple)
