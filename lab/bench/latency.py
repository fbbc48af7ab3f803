# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long people wait: pages, logins, the click on Install."""

import statistics
import time
from collections.abc import Callable

from .. import container, freedombox, life, package
from ..host import LabError, step
from ..settings import ADMIN, BOX, BUILTIN, FRESH, Machine
from ..web import Browser
from . import boxes, usage

_PAGE = '/freedombox/apps/email/'


def page(machine: Machine, times: int) -> float:
    """How many ms the app's page takes, as the middle one of many."""
    browser = freedombox.log_in(machine)

    def once() -> None:
        if browser.get(_PAGE).status != 200:
            raise LabError(f'The page of the app on {machine.name} failed.')

    return _middle(once, times)


def web_login(machine: Machine, times: int) -> float:
    """How many ms a login takes until the first page is there."""
    durations = []
    for _ in range(times):
        browser = Browser(f'https://{machine.ip}')
        form_page = browser.get('/freedombox/accounts/login/')
        form = form_page.form(has_field='username')
        begin = time.perf_counter()
        answer = browser.submit(form_page, form, username=ADMIN.username, password=ADMIN.password)
        durations.append(time.perf_counter() - begin)
        if '/accounts/login' in answer.url:
            raise LabError(f'FreedomBox on {machine.name} refused a login.')
    return 1000 * statistics.median(durations)


def imap_login(machine: Machine, times: int) -> float:
    """How many ms a new IMAP session takes: connection, TLS and login."""

    def once() -> None:
        boxes.log_in(machine, boxes.USERS[0]).shutdown()

    return _middle(once, times)


def _middle(action: Callable[[], None], times: int) -> float:
    durations = []
    for _ in range(times):
        begin = time.perf_counter()
        action()
        durations.append(time.perf_counter() - begin)
    return 1000 * statistics.median(durations)


def install(machine: Machine) -> float:
    """The seconds from the click on Install to done, on a box as it was on day one.

    The packages either app needs are in apt's cache before, so that the distance to the
    mirror isn't measured. Our own package is installed before the click, as it must be.
    """
    container.discard(FRESH)
    life.boot_box(FRESH)
    freedombox.wait_until_ready(FRESH)
    if machine == BOX:
        file = package.build(FRESH.folder / 'deb')
        package.install_package(FRESH, file)
        freedombox.wait_until_updated(FRESH)
    _fill_cache()
    browser = freedombox.log_in(FRESH)
    usage.wait_until_quiet()
    begin = time.monotonic()
    with step(f'The click on Install, as on {machine.name}'):
        freedombox.install_app(browser, FRESH)
    return time.monotonic() - begin


def _fill_cache() -> None:
    """Download the packages that a box which runs has and the fresh one lacks."""
    running = [machine for machine in (BOX, BUILTIN) if container.leader(machine)]
    wanted = set[str]().union(*map(_packages, running))
    names = sorted(wanted - _packages(FRESH) - {'freedombox-email'})
    container.execute(FRESH, ['apt-get', 'update', '-q'])
    container.execute(FRESH, ['apt-get', 'install', '-y', '-q', '--download-only',
                              '--no-install-recommends', *names])  # fmt: skip


def _packages(machine: Machine) -> set[str]:
    words = ['dpkg-query', '-W', '-f', '${db:Status-Abbrev}${Package}\n']
    lines = container.execute(machine, words).stdout.splitlines()
    return {line[3:] for line in lines if line.startswith('ii ')}
