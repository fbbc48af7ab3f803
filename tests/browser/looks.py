# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rules every page must keep, whatever is on it."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WIDE, NARROW = (1200, 800), (360, 740)
SIZES = (WIDE, NARROW, (320, 640))
THEMES = ('light', 'dark')
BIGGEST_PAGE = 80_000
_THEIRS = ('.breadcrumb', '.toolbar', '.alert-dismissible', '.table-port-forwarding-info')
"""Parts FreedomBox itself draws: its way back, its toolbar, its messages, its table of ports."""
_RULES = """theirs => axe.run(
  {include: [['.content-container']], exclude: theirs.map(part => [part])},
  {resultTypes: ['violations'], preload: false,
   rules: {'target-size': {enabled: true}, region: {enabled: false}}}
)"""
"""All rules but one: FreedomBox's frame has no landmark `main` that our part could be in."""

_FLAWS = r"""() => {
  const flaws = [];
  const text = node => (node.textContent || '').trim();
  const named = node => text(node) || node.getAttribute('aria-label')
    || node.getAttribute('title') || node.value || node.querySelector('title');
  const ids = [...document.querySelectorAll('[id]')].map(node => node.id);
  const main = document.querySelector('.content-container') || document.body;
  ids.filter((id, at) => ids.indexOf(id) !== at && main.querySelector('#' + CSS.escape(id)))
    .forEach(id => flaws.push('the id ' + id + ' is used twice'));
  const theirs = node => node.closest('nav, .toolbar, .alert-dismissible');  // FreedomBox's own
  main.querySelectorAll('a[href], button').forEach(node => {
    if (!named(node) && !theirs(node)) flaws.push('no name: ' + node.outerHTML.slice(0, 120));
  });
  main.querySelectorAll('input:not([type=hidden]):not([type=submit])').forEach(node => {
    const label = node.closest('label') || document.querySelector('label[for="' + node.id + '"]');
    if (!label && !node.getAttribute('aria-label')) flaws.push('no label: ' + node.name);
  });
  main.querySelectorAll('[aria-labelledby]').forEach(node => {
    const target = document.getElementById(node.getAttribute('aria-labelledby'));
    if (!target) flaws.push('labelled by nothing: ' + node.className);
  });
  main.querySelectorAll('img:not([alt])').forEach(node => flaws.push('no alt: ' + node.src));
  document.querySelectorAll('script:not([src]), [onclick], [onload], [onsubmit]')
    .forEach(node => flaws.push('inline script: ' + node.outerHTML.slice(0, 80)));
  const levels = [...main.querySelectorAll('h1,h2,h3,h4')].map(node => +node.tagName[1]);
  levels.forEach((level, at) => {
    if (at && level > levels[at - 1] + 1) flaws.push('a heading is left out before level ' + level);
  });
  const kind = node => node.tagName === 'A' ? node.href : (node.form || document).action
    + [...(node.form || document).querySelectorAll('[type=hidden]:not([name^=csrf])')]
      .map(each => each.value) + node.value;
  const called = new Map();
  main.querySelectorAll('a.btn, button').forEach(node => {
    const name = node.getAttribute('aria-label') || text(node).replace(/\s+/g, ' ');
    if (theirs(node)) return;
    if (called.has(name) && called.get(name) !== kind(node)) {
      flaws.push('two buttons have the name ' + name);
    }
    called.set(name, kind(node));
  });
  main.querySelectorAll('table').forEach(node => {
    if (!node.querySelector('th')) flaws.push('a table without headings');
  });
  return flaws;
}"""


def flaws(page: Page) -> list[str]:
    """The barriers for people who use a screen reader or a keyboard."""
    found: list[str] = page.evaluate(_FLAWS)
    return found


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    width: int = page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth'
    )
    return width


def barriers(page: Page) -> list[str]:
    """The faults axe-core finds in our part of the page."""
    if page.evaluate('typeof axe') == 'undefined':
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(_RULES, list(_THEIRS))
    return [
        f'{fault["id"]}: {node["html"][:200]}'
        for fault in found['violations']
        for node in fault['nodes']
    ]


def usable(page: Page) -> None:
    """Fail unless what is shown fits the window and can be used by all people."""
    page.wait_for_load_state()  # a click ends as soon as the next page begins, still empty
    assert overflow(page) == 0, f'{page.url} is wider than the window'
    assert flaws(page) == [], page.url
    assert barriers(page) == [], page.url


def visit(page: Page, url: str, size: tuple[int, int]) -> None:
    """Open a page in a window of a size; fail unless it is small, fits and is for all people."""
    page.set_viewport_size({'width': size[0], 'height': size[1]})
    unfold(page, url)
    usable(page)


def unfold(page: Page, url: str) -> None:
    """Open a page and all that is folded on it, but no menu: it would cover what is below."""
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == 200, url
    assert len(answer.body()) < BIGGEST_PAGE, url
    page.evaluate(
        'document.querySelectorAll("details:not(.email-menu)").forEach(each => each.open = true)'
    )


def visit_in_all_looks(page: Page, url: str) -> None:
    """Open a page once; fail unless it fits and is for all people in every size and theme."""
    unfold(page, url)
    for theme in THEMES:
        # without motion, as colours on their way from one theme to the other are not to be judged
        page.emulate_media(color_scheme=theme, reduced_motion='reduce')  # type: ignore[arg-type]
        for width, height in SIZES:
            page.set_viewport_size({'width': width, 'height': height})
            usable(page)


def styled(page: Page) -> None:
    """Fail unless a page has its style, also one that came in parts and was never loaded anew."""
    logo = page.locator('.email-logo').bounding_box()
    assert logo is not None
    assert logo['width'] < 110, 'the page appears without its style sheet'
    for icon in page.locator('.email-state svg').all():
        size = icon.bounding_box()
        assert size is not None
        assert size['width'] < 30, 'the page appears without its style sheet'
    shape = page.evaluate(
        'getComputedStyle(document.querySelector(".email-header")).display === "grid"'
    )
    assert shape, 'the page appears without its style sheet'
