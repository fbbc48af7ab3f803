# SPDX-License-Identifier: AGPL-3.0-or-later
"""The step never stands in the way."""

from typing import Any
from unittest.mock import Mock

import pytest
from django.test import RequestFactory

from .. import views
from ..plan import SetupTime


@pytest.fixture(name='box', autouse=True)
def fixture_box(monkeypatch: pytest.MonkeyPatch) -> Mock:
    box = Mock()
    monkeypatch.setattr('plinth.modules.emailsetup.views.plan.remember', box.remember)
    monkeypatch.setattr('plinth.modules.emailsetup.views.plan.carry_on', box.carry_on)
    monkeypatch.setattr(views, 'first_boot', box.first_boot)
    monkeypatch.setattr(views, 'messages', box.messages)
    monkeypatch.setattr(views, 'reverse', lambda name: f'/{name}')
    monkeypatch.setattr(
        'plinth.modules.emailsetup.views.DomainName.list_names',
        lambda: ['box.local', 'example.org'],
    )
    box.first_boot.next_step.return_value = 'next'
    return box


def post(**data: str) -> Any:
    """Send the form."""
    return views.FirstBootView.as_view()(RequestFactory().post('/', data))


def test_skip_keeps_no_answer(box: Mock) -> None:
    assert post(skip='1', primary_domain='rubbish').url == '/next'
    assert not box.remember.called
    box.first_boot.mark_step_done.assert_called_once_with('emailsetup_firstboot')


def test_an_answer_is_kept(box: Mock) -> None:
    assert post(choice='now', primary_domain='example.org').url == '/next'
    box.remember.assert_called_once_with(SetupTime.NOW, 'example.org')
    assert box.carry_on.called


@pytest.mark.parametrize('broken', ['remember', 'carry_on'])
def test_trouble_does_not_stop_the_first_start(box: Mock, broken: str) -> None:
    getattr(box, broken).side_effect = OSError('disk full')
    assert post(choice='now', primary_domain='example.org').url == '/next'
    assert box.first_boot.mark_step_done.called


def test_a_wrong_domain_keeps_the_step_open(box: Mock) -> None:
    assert post(choice='now', primary_domain='rubbish').status_code == 200
    assert not box.first_boot.mark_step_done.called


def test_the_domain_the_box_has_is_filled_in() -> None:
    view = views.FirstBootView()
    view.setup(RequestFactory().get('/'))
    assert view.get_initial()['primary_domain'] == 'example.org'
