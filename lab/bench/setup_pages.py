# SPDX-License-Identifier: AGPL-3.0-or-later
"""Waiting times of setting up: what mail apps ask, the QR code of a device, the guide.

A connection for each request, as the first request of an app has. A mail app waits for each of
these answers in turn before it has settings, so their goal is lower than that of pages.
"""

import http.client
import json
import ssl
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from .. import container, freedombox, settings
from ..host import LabError, step
from ..settings import BOX
from ..web import BoxPage, Browser
from . import usage
from .results import Goal, Results

COUNT, CODES = 41, 11
_MAIN, _USER = settings.DOMAINS[0], settings.USERS[0]
_ADDRESS = f'nobody@{_MAIN}'
_APP = '/freedombox/apps/email/'
_TLS = ssl._create_unverified_context()  # noqa: S323 - which reads no authorities each time
_LABEL = 'Phone of the bench'
_STEPS = ('domain', 'ports', 'out', 'dns', 'certificate', 'people', 'message', 'device')
_SCHEMA = 'http://schemas.microsoft.com/exchange/autodiscover/outlook'
_POX = (
    f'<Autodiscover xmlns="{_SCHEMA}/requestschema/2006"><Request><EMailAddress>{_ADDRESS}'
    f'</EMailAddress><AcceptableResponseSchema>{_SCHEMA}/responseschema/2006a'
    '</AcceptableResponseSchema></Request></Autodiscover>'
)
_CONFIG = f'/mail/config-v1.1.xml?emailaddress={_ADDRESS}'
_JSON = f'/autodiscover/autodiscover.json?Email={_ADDRESS}&Protocol=AutodiscoverV1'
_ASKED = (
    ('autoconfig', f'autoconfig.{_MAIN}', _CONFIG, '', '<hostname>'),
    ('autodiscover (POX)', _MAIN, '/autodiscover/autodiscover.xml', _POX, '<Server>'),
    ('autodiscover (JSON)', _MAIN, _JSON, '', '"Url"'),
)
"""Title, host, path, body, and a part of the right answer."""


def _middle(action: Callable[[], object], count: int) -> float:
    """The middle time of an action in milliseconds."""
    durations = []
    for _ in range(count):
        begin = time.perf_counter()
        action()
        durations.append(1000 * (time.perf_counter() - begin))
    return statistics.median(durations)


def _ask(name: str, path: str, body: str, part: str) -> None:
    """Ask as a mail app does; LabError unless the answer has this part."""
    link = http.client.HTTPSConnection(BOX.ip, context=_TLS, timeout=20)
    head = {'Host': name, **({'Content-Type': 'text/xml'} if body else {})}
    link.request('POST' if body else 'GET', path, body or None, head)
    text = link.getresponse().read().decode()
    link.close()
    if part not in text:
        raise LabError(f'{path} answers {text[:200]}')


def _get(browser: Browser, path: str) -> BoxPage:
    """A page; LabError when there is none or another one."""
    page = browser.get(_APP + path)
    if page.status != 200 or not page.url.endswith(path):
        raise LabError(f'{path} answers {page.status}, {page.url}.')
    return page


def _code(browser: Browser) -> tuple[float, float]:
    """The milliseconds of a click on *Connect device*, and of the page it leads to."""
    page = _get(browser, 'my/devices/')
    form = page.form(has_field='label')
    begin = time.perf_counter()
    with browser.staying():
        answer = browser.submit(page, form, kind='android', label=_LABEL, password=_USER.password)
    made = time.perf_counter()
    shown = browser.get(_APP + 'my/devices/')
    end = time.perf_counter()
    if answer.status != 302 or 'email-qr' not in shown.text:
        raise LabError('There is no page with a QR code.')
    return 1000 * (made - begin), 1000 * (end - made)


def _command(*words: str) -> str:
    return container.execute(BOX, ['freedombox-email', 'app-password', *words]).stdout


@contextmanager
def _devices() -> Iterator[Browser]:
    """A session of a user, whose new devices are removed afterwards."""
    try:
        yield freedombox.log_in(BOX, _USER)
    finally:
        text = _command('list', _USER.username, '--json')
        for each in json.loads(text)['passwords']:
            if each['label'] == _LABEL:
                _command('remove', each['key_id'])


def measure_all(results: Results, count: int = COUNT, codes: int = CODES) -> None:
    """Measure the answers to mail apps, the page with a QR code, and the pages of the guide."""
    with step('Setting up'):
        usage.wait_until_quiet()
        for title, *asked in _ASKED:
            found = _middle(partial(_ask, *asked), count)
            results.figure(f'{title}, ms', found, Goal(50, False, False))
        with _devices() as browser:
            clicks, pages = zip(*(_code(browser) for _ in range(codes)), strict=True)
        results.figure('the click on *Connect device*, ms', statistics.median(clicks))
        qr_page = statistics.median(pages)
        results.figure('page with a QR code, ms', qr_page, Goal(150, False, False))
        browser = freedombox.log_in(BOX)
        for name in _STEPS:
            found = _middle(partial(_get, browser, f'setup/{name}/'), count)
            results.figure(f'guide, {name}, ms', found, Goal(100, False, False))
