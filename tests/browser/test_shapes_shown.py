# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages in the shapes of real life as FreedomBox's Roundcube shows them."""

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from lab import settings
from tests.integration import mail, shapes
from tests.integration.test_shapes import bring

from ..conftest import Host
from . import roundcube
from .roundcube import Webmail, session

pytestmark = [pytest.mark.long, pytest.mark.usefixtures('installed', 'quiet_journal')]
BOB = settings.USERS[1]
CAROL = settings.OUTSIDE_USERS[0]
SEEN = {
    'a letter with a picture and files': ('Quendelbrühe', 'zettel.txt', 'Gartenpläne.pdf'),
    'HTML alone, with entities': ('Grüzwürfel', 'knödlig'),
    'an invitation': ('You are invited',),
    'winmail.dat': ('Wisperbeilage',),
    'format=flowed': ('Klapperfluss',),
    '8-bit in Latin 1': ('Hühnerkörble',),
    'iso-2022-jp as 7bit': ('煎餅',),
    'koi8-r as 8bit': ('булочек',),
    'windows-1252 as 8bit': ('Pfützenhüpfer', 'Œuvreband'),
    'PGP/MIME, signed': ('Petschaftgriff',),
    'a forwarded message': ('Großmuttersuppe', 'Hühnerleiter'),
    'a notice of non-delivery': ('Karteileiche',),
    'messages, 50 deep': ('Matrjoschkakern',),
    'parts that never end': ('Bruchstückwagen',),
    'errors in quoted-printable': ('Schlusslichterkette',),
}
"""Words of some shapes that readers see."""


@pytest.fixture(scope='module')
def installed(box: Host) -> None:
    """Install Roundcube as people do."""
    roundcube.install(box)


@pytest.fixture(scope='module')
def webmail(installed: None, browser: Browser, url: str) -> Iterator[Webmail]:  # noqa: ARG001
    with session(browser, url, BOB) as opened:
        yield opened


@pytest.mark.parametrize('name', SEEN)
def test_it_is_shown(box: Host, webmail: Webmail, name: str) -> None:
    (shape,) = (each for each in shapes.ALL if each.name == name)
    sent = mail.message(CAROL.address, BOB.address, Subject=f'shape {uuid.uuid4()}')
    names = ('From', 'To', 'Date', 'Subject', 'Message-ID')
    head = ''.join(f'{name}: {sent[name]}\n' for name in names)
    bring(box, BOB.address, (head.encode() + shape.rest).replace(b'\n', b'\r\n'))
    mail.wait_for(box.ip, BOB, sent)
    webmail.read(sent['Subject'])
    shown = webmail.page.locator('#layout-content').inner_text()
    assert [word for word in SEEN[name] if word not in shown] == []
