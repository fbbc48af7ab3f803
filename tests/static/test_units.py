# SPDX-License-Identifier: AGPL-3.0-or-later
"""Units of systemd: none is refused a start because there were some before, and all are found."""

import re
from configparser import ConfigParser
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / 'data/usr/lib/systemd/system'
RESTARTED = 'slapd', 'nslcd', 'dovecot', 'postfix'
SERVICES = [
    *UNITS.glob('*.service'),
    *(UNITS / f'{name}.service.d/freedombox-email.conf' for name in RESTARTED),
]


@pytest.mark.parametrize('path', SERVICES, ids=lambda path: str(path.relative_to(UNITS)))
def test_starts_are_not_limited(path: Path) -> None:
    """A restart of another unit, a package and an administrator count as starts as well."""
    unit = ConfigParser(strict=False, interpolation=None, allow_no_value=True)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(path.read_text(encoding='utf-8'))
    assert unit['Unit']['StartLimitIntervalSec'] == '0'
    if unit.get('Service', 'Restart', fallback='no') != 'no':
        assert unit['Service'].get('RestartSec'), 'it would be tried ten times a second'


@pytest.mark.parametrize('path', sorted(UNITS.glob('*.socket')), ids=lambda path: path.name)
def test_a_failing_service_does_not_close_its_socket(path: Path) -> None:
    """A closed socket stays closed until a person opens it, and mail waits."""
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(path.read_text(encoding='utf-8'))
    assert unit['Socket']['TriggerLimitIntervalSec'] == '0'


@pytest.mark.parametrize('path', sorted(UNITS.glob('*.socket')), ids=lambda path: path.name)
def test_a_service_ends_with_its_socket(path: Path) -> None:
    """systemd refuses to open a socket whose service still runs; one per connection ends itself."""
    text = path.read_text(encoding='utf-8')
    if 'Accept=yes' in text:
        return
    named = re.search(r'(?m)^Service=(.+)$', text)
    service = UNITS / (named[1] if named else f'{path.stem}.service')
    required = re.findall(r'(?m)^Requires=(.+)$', service.read_text(encoding='utf-8'))
    assert path.name in ' '.join(required).split()


@pytest.mark.parametrize('path', sorted(UNITS.glob('*.wants/*')), ids=lambda path: path.name)
def test_what_starts_with_a_service_is_a_link_to_its_unit(path: Path) -> None:
    """systemd passes over a file that is no link, and says so only in the journal."""
    assert path.is_symlink()
    assert path.resolve(strict=True) == UNITS / path.name
