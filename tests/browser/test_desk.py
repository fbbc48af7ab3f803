# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages load while addresses of this machine come and go, as they do with each lab."""

from collections.abc import Iterator
from contextlib import suppress
from threading import Event, Thread

import pytest
from playwright.sync_api import Page

from lab.host import LabError, run

LINK = 'fbxchurn0'
LOADS = 20


@pytest.fixture
def churn() -> Iterator[None]:
    """An interface of this machine that comes and goes all the time."""
    ended = Event()

    def work() -> None:
        while not ended.is_set():
            run(['ip', 'link', 'add', LINK, 'type', 'veth'])
            run(['ip', 'address', 'add', '198.51.100.253/32', 'dev', LINK])
            run(['ip', 'link', 'set', LINK, 'up'])
            ended.wait(0.1)
            run(['ip', 'link', 'delete', LINK])

    with suppress(LabError):
        run(['ip', 'link', 'delete', LINK])  # of a run that was cut off
    thread = Thread(target=work)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.mark.usefixtures('churn')
def test_no_page_is_broken_off(visitor: Page, url: str) -> None:
    for _time in range(LOADS):
        visitor.goto(f'{url}/freedombox/accounts/login/')
