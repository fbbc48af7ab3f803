# SPDX-License-Identifier: AGPL-3.0-or-later
"""A domain that is added on a page of this app, with a Name Services app that notes it."""

from threading import Event
from typing import Any
from unittest.mock import Mock

import pytest

from .. import own_names

HERE = own_names.__name__


def test_the_page_does_not_wait_for_other_apps(monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on, told = Event(), Event()
    heard: list[dict[str, Any]] = []

    def tell(**what: Any) -> None:
        assert goes_on.wait(10)
        heard.append(what)
        told.set()

    names, follow = Mock(), Mock()
    monkeypatch.setattr(f'{HERE}.names', names)
    monkeypatch.setattr(f'{HERE}.signals', Mock(on_domain_added=follow))
    monkeypatch.setattr(f'{HERE}.domain_added', Mock(send_robust=tell))
    own_names.add('family.test')
    names.domain_add.assert_called_once_with('family.test')
    follow.assert_called_once_with('names', name='family.test')
    assert not heard
    goes_on.set()
    assert told.wait(10)
    assert heard == [
        {'sender': 'names', 'domain_type': 'domain-type-static', 'name': 'family.test',
         'services': '__all__'}
    ]  # fmt: skip


def test_names_are_read_in_lower_case(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Mock()
    names.domains_list.return_value = ['Family.Test']
    monkeypatch.setattr(f'{HERE}.names', names)
    assert own_names.listed() == ['family.test']
