# SPDX-License-Identifier: AGPL-3.0-or-later
"""The frame of the guide's pages, before a template is rendered."""

import dataclasses
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import pytest
from django.test import RequestFactory

from ...health.first_steps import CODES, Ground, Network
from ...health.observation import Directory, Observation
from .. import guide, guide_place, guide_steps, rehearsal

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LONG = pytest.param('a' * 9999, id='long')
ON = Observation(enabled=True, directory=Directory(None, (), 0))


@pytest.fixture(autouse=True)
def fixture_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have addresses of pages without FreedomBox's own."""

    def reverse(name: str, args: Any = ()) -> str:
        return '/'.join(('', name.removeprefix('email:'), *args))

    for module in (guide, guide_place):
        monkeypatch.setattr(module, 'reverse', reverse)
    monkeypatch.setattr('plinth.modules.email.views.page.reverse', reverse)


def ask(
    monkeypatch: pytest.MonkeyPatch, code: str, seen: Observation = ON, method: str = 'get'
) -> tuple[Any, Any]:
    """The answer to a request, and its session."""
    monkeypatch.setattr(guide, 'look', lambda: Ground(seen, Network(), NOW))
    monkeypatch.setattr(guide.GuideView, 'frame', lambda _self: {})
    request = getattr(RequestFactory(), method)('/setup/')
    request.session = {}
    return guide.GuideView.as_view()(request, key=code), request.session


@pytest.mark.parametrize('code', ['nothing', '', 'DOMAIN', 'later', '../ports', LONG])
@pytest.mark.parametrize('method', ['get', 'post'])
def test_a_name_that_is_no_step(monkeypatch: pytest.MonkeyPatch, code: str, method: str) -> None:
    monkeypatch.setattr(guide.GuideView, '_problem', lambda _self, error: error.code)
    answer, session = ask(monkeypatch, code, method=method)
    assert answer == 'step-missing'
    assert not session


@pytest.mark.parametrize('code', CODES)
@pytest.mark.parametrize('method', ['get', 'post'])
def test_while_email_is_off_nothing_is_set_up(
    monkeypatch: pytest.MonkeyPatch, code: str, method: str
) -> None:
    answer, session = ask(monkeypatch, code, dataclasses.replace(ON, enabled=False), method)
    assert (answer.status_code, answer.url) == (302, '/index')
    assert not session


@pytest.mark.parametrize('code', CODES)
def test_without_a_domain_the_other_steps_lead_to_the_first(code: str) -> None:
    page = guide.GuideView()
    page.setup(RequestFactory().get('/setup/'), key=code)
    page.ground = Ground(ON, Network(), NOW)
    is_first = code == CODES[0]
    assert (page._part()['template'] == 'email-guide-first.html') is not is_first


@pytest.mark.parametrize('code', CODES)
def test_a_button_without_an_act_shows_the_step_again(
    monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    answer, _session = ask(monkeypatch, code, method='post')
    assert (answer.status_code, answer.url) == (302, f'/guide/{code}')


def test_each_step_has_a_part() -> None:
    assert tuple(guide_steps.PARTS) == CODES


@pytest.mark.parametrize('kept', ['nothing', 7, None, ['ports'], '../x'])
def test_only_a_step_leads_back(kept: Any) -> None:
    request = RequestFactory().get('/addresses/')
    request.session = {'email-guide': kept}
    assert guide_place.way_back(request) is None


def test_other_pages_lead_back() -> None:
    request = RequestFactory().get('/addresses/')
    request.session = {'email-guide': 'out'}
    found = guide_place.way_back(request)
    assert found
    assert (found.number, found.url) == (3, '/guide/out')


@pytest.mark.parametrize('kept', [{}, {'to': 1}, 'x', [], {'sender': 'a', 'to': 'b'}])
def test_a_session_of_another_version_is_no_test(kept: Any) -> None:
    request = RequestFactory().get('/')
    request.session = {'email-rehearsal': kept, 'email-guide-inside': kept}
    assert rehearsal._kept(request) is None
    assert guide_steps._inside(request) is None


@pytest.mark.parametrize(
    ('typed', 'added'),
    [
        ('Family.Test ', 'family.test'),
        ('box.local', ''),
        ('no domain', ''),
        ('', ''),
        ('known.test', ''),
    ],
)
def test_the_first_domain(monkeypatch: pytest.MonkeyPatch, typed: str, added: str) -> None:
    asked: list[str] = []
    monkeypatch.setattr(f'{guide_steps.__name__}.own_names.add', asked.append)
    monkeypatch.setattr(f'{guide_steps.__name__}.own_names.listed', lambda: ['known.test'])
    page = Mock(request=RequestFactory().post('/', {'act': 'add', 'name': typed}))
    guide_steps._add_domain(page, Ground(ON, Network(), NOW))
    assert asked == ([added] if added else [])
    assert page.show.called == (not added and typed != 'known.test')
