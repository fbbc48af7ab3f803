# SPDX-License-Identifier: AGPL-3.0-or-later
"""New certificates that wait until others know their keys."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from freedombox.modules.letsencrypt.components import LetsEncrypt

from ...dns.local_facts import DnsFacts
from ...dns.tests.test_rollout import NEW, OLD, dane
from ...errors import MailError
from ...system.certificates import Certificate
from .. import tlsa_rollover

SHOWN = Mock(spec=Certificate, key_sum=OLD, expires=datetime.now(UTC) + timedelta(days=30))


@pytest.fixture(name='box')
def fixture_box(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """A box whose new certificate has another key than others know."""
    box = Mock()
    box.told.return_value = dane(new='tlsa-next')
    box.of.return_value = SHOWN
    box.dns_facts.return_value = DnsFacts(next_keys=(NEW,)).to_json()
    monkeypatch.setattr(tlsa_rollover, 'Memory', lambda: box)
    monkeypatch.setattr(tlsa_rollover, 'certificates', box)
    monkeypatch.setattr(tlsa_rollover, 'privileged', box)
    monkeypatch.setattr(tlsa_rollover, 'app_module', box)
    monkeypatch.setattr(LetsEncrypt, '_copy_letsencrypt_certificates', box.copy)
    return box


def copied() -> None:
    """Hand over a new certificate, as FreedomBox does after a renewal."""
    component = tlsa_rollover.MailCertificates('x', domains=['a.test', 'b.test'])
    component._copy_letsencrypt_certificates(['a.test'], '/live/a.test')


def test_a_key_no_one_knows_waits(box: Mock) -> None:
    copied()
    box.copy.assert_called_once_with(set(), '/live/a.test')


@pytest.mark.parametrize(
    'change',
    [
        {'told.return_value': None},
        {'of.return_value': None},
        {'dns_facts.return_value': DnsFacts(next_keys=(OLD,)).to_json()},
        {'dns_facts.side_effect': MailError('key-failed', 'It could not be read.')},
    ],
)
def test_all_else_is_copied_at_once(box: Mock, change: dict[str, Any]) -> None:
    box.configure_mock(**change)
    copied()
    box.copy.assert_called_once_with({'a.test'}, '/live/a.test')


def test_what_waited_is_shown_when_others_know_it(box: Mock) -> None:
    component = box.App.get.return_value.get_components_of_type.return_value = [Mock()]
    tlsa_rollover.release('a.test')
    assert not component[0].setup_certificates.called
    box.told.return_value = dane()
    tlsa_rollover.release('a.test')
    component[0].setup_certificates.assert_called_once_with(['a.test'])


def test_nothing_is_done_where_nothing_waits(box: Mock) -> None:
    box.told.return_value = None
    tlsa_rollover.release('a.test')
    assert not box.App.get.called
