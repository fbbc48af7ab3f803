# SPDX-License-Identifier: AGPL-3.0-or-later
"""Take pictures of all pages, wide and narrow, light, dark and from right to left.

Usage: python -m lab.shots [--all-looks] FOLDER [NAME ...]
"""

import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, FloatRect, Page, sync_playwright

from .host import step
from .screenshot import launch, log_in
from .settings import BOX, LabUser
from .shot_sample import ALICE, sample
from .shot_scenes import APP, SHOTS, Shot, make_own_alias


@dataclass(frozen=True)
class PictureLook:
    """One way to look at a page, and the end of its pictures' names."""

    name: str
    width: int
    scheme: Literal['light', 'dark'] = 'light'
    direction: Literal['ltr', 'rtl'] = 'ltr'
    media: Literal['screen', 'print'] = 'screen'
    is_kept: bool = True
    """Whether its pictures are part of the documentation; the others are taken on demand."""


LOOKS = (
    PictureLook('1200', 1200),
    PictureLook('dark', 1200, 'dark'),
    PictureLook('rtl', 1200, direction='rtl'),
    PictureLook('360', 360),
    PictureLook('360-dark', 360, 'dark', is_kept=False),
    PictureLook('360-rtl', 360, direction='rtl', is_kept=False),
)
PRINTED = PictureLook('print', 718, media='print')
"""A sheet of A4 with the margins of browsers."""


def _pages(browser: Browser, base: str) -> dict[LabUser | None, Page]:
    """One page for each person, logged in."""
    pages: dict[LabUser | None, Page] = {}
    for who in dict.fromkeys(shot.who for shot in SHOTS):
        # Else a picture taken just after the change to dark shows colours in between.
        context = browser.new_context(ignore_https_errors=True, reduced_motion='reduce')
        pages[who] = context.new_page()
        if who:
            log_in(context, base, who)
    make_own_alias(pages[ALICE], base)
    return pages


def main(folder: Path, names: list[str], all_looks: bool = False) -> None:
    """Take all pictures, or those of these names."""
    looks = [look for look in LOOKS if look.is_kept or all_looks]
    base = f'https://{BOX.ip}'
    with sync_playwright() as playwright, sample():
        browser = launch(playwright)
        pages = _pages(browser, base)
        for shot in SHOTS:
            if names and shot.name not in names:
                continue
            with step(shot.name):
                more = [PRINTED] if shot.is_printed else []
                _take(shot, pages[shot.who], base, folder, [*looks, *more])
        browser.close()


def _take(shot: Shot, page: Page, base: str, folder: Path, looks: list[PictureLook]) -> None:
    """Take the pictures of one page, which is opened once for each width."""
    page.bring_to_front()
    for width, each in groupby(looks, lambda look: look.width):
        page.set_viewport_size({'width': width, 'height': 800})
        page.goto(base + APP + shot.path)
        page.locator('.app-operation').wait_for(state='detached', timeout=120_000)
        shot.act(page)
        for look in each:
            _draw(page, look, folder / f'{shot.name}-{look.name}.png')
        shot.after(page)


def _draw(page: Page, look: PictureLook, path: Path) -> None:
    """Take a picture of the page that is open."""
    page.emulate_media(color_scheme=look.scheme, media=look.media)
    page.evaluate('direction => { document.documentElement.dir = direction }', look.direction)
    page.evaluate('scrollTo(0, 0)')
    # FreedomBox leaves much empty room below its pages.
    height = page.evaluate(
        'document.getElementById("content-block").getBoundingClientRect().bottom + scrollY'
    )
    page.evaluate('scrollTo(0, 0)')
    part: FloatRect = {'x': 0, 'y': 0, 'width': look.width, 'height': max(height, 400) + 24}
    page.screenshot(path=path, full_page=True, clip=part)
    page.emulate_media(color_scheme='light', media='screen')
    page.evaluate('document.documentElement.removeAttribute("dir")')


if __name__ == '__main__':
    words = [word for word in sys.argv[1:] if word != '--all-looks']
    main(Path(words[0]), words[1:], '--all-looks' in sys.argv)
