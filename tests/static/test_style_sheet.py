# SPDX-License-Identifier: AGPL-3.0-or-later
"""The style sheet: small, about our classes only, and alike for both directions and themes."""

import re
from pathlib import Path

import pytest

EMAIL = Path(__file__).parents[2] / 'plinth/modules/email'
SHEET = EMAIL / 'static/email.css'
TEMPLATES = sorted([*EMAIL.glob('templates/*.html'), *EMAIL.parent.glob('emailsetup/templates/*')])
MOST_LINES = 450

COLOR = re.compile(
    r'#[0-9a-f]{3,8}\b|\b(rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\(|'
    r'\b(black|white|gr[ae]y|silver|red|green|blue|yellow|orange|purple|brown|pink|navy|teal)\b',
    re.I,
)
SIDES = re.compile(r'\b(left|right)\b|\bfloat\b|\bclear\b')
SIDED = re.compile(
    r'^([mp][se]|border-(start|end)|rounded-(start|end)|float|text|start|end)'
    r'(-(sm|md|lg|xl|xxl))?-(auto|start|end|\d+)$'
)
"""Utilities of Bootstrap that mean a side of the screen in the file FreedomBox ships."""
ONCE = {
    'list-group-item': 'email-row.html',
    '<use ': 'email-icon.html',
    'class="badge ': 'email-badge.html',
    'class="nav nav-': 'email-nav.html',
    'email-answer alert': 'email-answer.html',
    'data-email-copy="{{ id }}"': 'email-copy.html',
    'remedy.page remedy.about': 'email-remedy.html',
    'email.css': 'email-assets.html',
}
"""Components, by their mark, and the template that draws them."""


def _text() -> str:
    return re.sub(r'/\*.*?\*/', '', SHEET.read_text(encoding='utf-8'), flags=re.DOTALL)


def _selectors() -> list[str]:
    """All selectors, each by itself, with a list inside of brackets left whole."""
    found = [each.strip() for each in re.findall(r'([^{};]+)\{', _text())]
    lists = [each for each in found if not each.startswith('@')]
    return [part.strip() for each in lists for part in re.split(r',(?![^(]*\))', each)]


def _declarations() -> list[tuple[str, str, str]]:
    """Each selector, property and value."""
    return [
        (' '.join(rule.split()), name.strip(), value.strip())
        for rule, body in re.findall(r'([^{};]+)\{([^{}]*)\}', _text())
        for name, _, value in (each.partition(':') for each in body.split(';') if each.strip())
    ]


def _page(template: Path) -> str:
    """A template without its tags."""
    return re.sub(r'{%.*?%}', ' ', template.read_text(encoding='utf-8'))


def _classes(text: str) -> set[str]:
    """The classes written out in a page."""
    return {name for value in re.findall(r'class="([^"]*)"', text) for name in value.split()}


def test_it_is_small_with_one_declaration_a_line() -> None:
    assert len(SHEET.read_text(encoding='utf-8').splitlines()) <= MOST_LINES
    lines = _text().splitlines()
    assert [line for line in lines if line.count(';') > 1 or re.search(r'\{.*[:;]', line)] == []
    assert max(map(len, lines)) <= 100


def test_it_is_about_our_own_classes_only() -> None:
    selectors = _selectors()
    assert len(selectors) > 30
    for selector in selectors:
        first = re.search(r'\.[\w-]+', selector)
        assert first, selector
        assert first.group().startswith('.email-'), selector


def test_sides_are_those_of_the_text() -> None:
    wrong = [each for each in _declarations() if SIDES.search(f'{each[1]}: {each[2]}')]
    assert wrong == []


def test_colors_are_named_at_the_top() -> None:
    literal = [each for each in _declarations() if COLOR.search(each[2])]
    assert literal, 'there is no color to judge this test by'
    for rule, name, _value in literal:
        assert rule.endswith('.email-page'), (rule, name)
        assert name.startswith('--email-'), (rule, name)


def test_each_of_its_classes_is_used() -> None:
    used = ''.join(path.read_text(encoding='utf-8') for path in TEMPLATES)
    ours = set(re.findall(r'\.(email-[\w-]+)', _text()))
    made = {'works', 'look', 'broken', 'unknown', *map(str, range(1, 7))}
    """Ends of classes that templates put together."""
    for name in sorted(ours):
        stem, _, end = name.rpartition('-')
        assert name in used or (end in made and f'{stem}-{{' in used), name


@pytest.mark.parametrize('path', TEMPLATES, ids=lambda path: path.name)
def test_templates_leave_the_look_to_classes(path: Path) -> None:
    text = _page(path)
    assert not re.search(r'<style|\sstyle="|\son[a-z]+="', text)
    assert not re.search(r'<script(?![^>]*\ssrc=)', text)
    assert [name for name in _classes(text) if SIDED.match(name)] == []


@pytest.mark.parametrize('mark', ONCE)
def test_a_component_is_drawn_by_one_template(mark: str) -> None:
    found = [path.name for path in TEMPLATES if mark in path.read_text(encoding='utf-8')]
    assert found == [ONCE[mark]]
