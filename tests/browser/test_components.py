# SPDX-License-Identifier: AGPL-3.0-or-later
"""An administrator sees what components need, and installs and removes one on the page."""

import hashlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lab import container
from lab.settings import BOX

from .looks import NARROW, WIDE, visit
from .people import APP, mail

PAGE = APP + 'delivery/components/'
FOLDER = '/var/lib/clamav'
NOTHING = f'{hashlib.md5(b"x", usedforsecurity=False).hexdigest()}:1:Lab.Nothing\n'
PATIENCE = 120_000


@pytest.fixture(autouse=True)
def _signatures() -> Iterator[None]:
    """Have a signature there, as if it had been downloaded."""
    container.execute(BOX, ['mkdir', '-p', FOLDER])
    container.execute(BOX, ['tee', f'{FOLDER}/lab.hdb'], stdin=NOTHING)
    yield
    mail('component', 'remove', 'antivirus')
    container.execute(BOX, ['rm', '-rf', FOLDER])


def test_the_page_says_what_a_component_needs(admin: Page, url: str) -> None:
    for size in (WIDE, NARROW):
        visit(admin, url + APP + 'delivery/', size)
        admin.get_by_role('link', name='Show components').click()
        part = admin.locator('[data-component=antivirus]')
        expect(part).to_contain_text('Needs 1.4 GB')
        expect(part).to_contain_text('Not installed')
        visit(admin, url + PAGE, size)


@pytest.mark.long
def test_a_component_is_installed_and_removed_with_progress(admin: Page, url: str) -> None:
    visit(admin, url + PAGE, WIDE)
    admin.get_by_role('button', name='Install Antivirus (ClamAV)').click()
    expect(admin.locator('.alert-info')).to_contain_text('You can leave this page')
    expect(admin.locator('.alert-success')).to_contain_text('is installed', timeout=PATIENCE)
    expect(admin.locator('[data-component=antivirus]')).to_contain_text('Works')
    assert 'runs' in mail('component', 'list')
    visit(admin, url + PAGE, NARROW)
    admin.get_by_role('button', name='Remove Antivirus (ClamAV)').click()
    expect(admin.locator('.alert-success')).to_contain_text('is removed', timeout=PATIENCE)
    assert 'not installed' in mail('component', 'list')
    assert container.execute(BOX, ['dpkg', '-s', 'clamav-daemon'], check=False).returncode
