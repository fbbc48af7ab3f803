# SPDX-License-Identifier: AGPL-3.0-or-later
"""The small browser fills forms as a real one would."""

from urllib.parse import parse_qs

import pytest

from lab.web import BoxPage

TEXT = """
<form method="post" action="/menu"><input name="csrfmiddlewaretoken" value="m"></form>
<form method="post" action="/do">
  <input type="hidden" name="csrfmiddlewaretoken" value="t">
  <input name="name" value="a &amp; b">
  <input type="checkbox" name="on" value="1" checked><input type="checkbox" name="off" value="1">
  <select name="choice"><option value="x">x</option><option value="y" selected>y</option></select>
  <textarea name="note">
two words</textarea>
  <button name="go">Go</button>
</form>
<form method="get"><input name="q"></form>
"""


def page() -> BoxPage:
    return BoxPage(200, 'https://box.test/', TEXT)


def test_the_last_form_is_the_pages_own() -> None:
    assert page().form().action == '/do'


def test_a_form_sends_what_it_holds_and_what_is_filled_in() -> None:
    body = page().form(button='go').filled({'name': 'new', 'more': ['1', '2']})
    assert parse_qs(body.decode()) == {
        'csrfmiddlewaretoken': ['t'], 'name': ['new'], 'on': ['1'], 'choice': ['y'],
        'note': ['two words'], 'more': ['1', '2'],
    }  # fmt: skip


def test_a_missing_form_is_named() -> None:
    with pytest.raises(LookupError, match='nothing'):
        page().form(has_field='nothing')
