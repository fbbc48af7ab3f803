# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bringing mail in step, with FreedomBox and root replaced by notes of what was asked."""

from typing import Any
from unittest.mock import MagicMock, Mock, call, patch

import pytest

from ...directory.verbs.snapshot import Reconciled
from ...words.parts import PARTS
from .. import synchronize


@pytest.fixture(name='root')
def fixture_root(monkeypatch: pytest.MonkeyPatch) -> Mock:
    root = Mock()
    monkeypatch.setattr(synchronize, 'privileged', root)
    monkeypatch.setattr(synchronize, 'known_domains', lambda: (['old.org'], 'old.org'))
    monkeypatch.setattr(synchronize, 'client_hosts', lambda: frozenset({'mail.new.org'}))
    monkeypatch.setattr(synchronize, 'chosen_domain', lambda: None)
    monkeypatch.setattr(
        'plinth.modules.email.sync.synchronize.DomainName.list_names', lambda: ['new.org']
    )
    monkeypatch.setattr(
        'plinth.modules.email.sync.synchronize.app_module.App.get', Mock(return_value=root.app)
    )
    root.reconcile.return_value = Reconciled().to_json()
    return root


def test_everything_is_done_in_an_order_that_works(root: Mock) -> None:
    synchronize.apply()
    certificates = root.app.get_component.return_value.setup_certificates
    assert root.mock_calls == [
        call.directory_setup(),
        call.sync_domains(['new.org', 'old.org'], None),
        call.reconcile(),
        call.app.get_component('letsencrypt-email-postfix'),
        call.app.get_component().setup_certificates(['new.org', 'old.org']),
        call.app.get_component('letsencrypt-email-dovecot'),
        call.app.get_component().setup_certificates(['new.org', 'old.org']),
        call.setup([]),
    ]
    assert certificates.call_count == 2


def test_a_host_for_mail_apps_gets_its_certificate_alone(root: Mock, monkeypatch: Any) -> None:
    monkeypatch.setattr(
        'plinth.modules.email.sync.synchronize.DomainName.list_names',
        lambda: ['mail.new.org', 'new.org'],
    )
    synchronize.apply({'old.org'})
    root.sync_domains.assert_called_once_with(['new.org'], None)
    certificates = root.app.get_component.return_value.setup_certificates
    assert certificates.call_args_list == [call(['new.org', 'mail.new.org'])] * 2


def test_a_removed_name_goes(root: Mock) -> None:
    synchronize.apply({'old.org'})
    root.sync_domains.assert_called_once_with(['new.org'], None)


def test_a_private_primary_domain_makes_room(root: Mock, monkeypatch: Any) -> None:
    monkeypatch.setattr(synchronize, 'known_domains', lambda: (['box.local'], 'box.local'))
    synchronize.follow_names(())
    root.domain_set_primary.assert_called_once_with('new.org')


def test_root_is_told_who_caused_it(root: Mock) -> None:
    synchronize.apply((), {'bob', 'alice'})
    root.setup.assert_called_once_with(['alice', 'bob'])


def test_repair_starts_what_is_down(root: Mock, monkeypatch: Any) -> None:
    service = Mock()
    monkeypatch.setattr(synchronize, 'service_privileged', service)
    running = {part.unit: part.unit != 'dovecot' for part in PARTS}
    monkeypatch.setattr(
        'plinth.modules.email.sync.synchronize.systemd.running', lambda _units: running
    )
    synchronize.repair()
    assert service.mock_calls == [call.start('dovecot')]
    root.setup.assert_called_once_with([])


def test_known_domains_are_those_followed_and_not_gone() -> None:
    store = MagicMock()
    store.__enter__.return_value = store
    store.search.return_value = (Mock(gone=None), Mock(gone='2026'))
    store.search.return_value[0].name = 'here.org'
    store.settings.return_value = Mock(primary_domain='here.org')
    with patch.object(synchronize, 'Store', return_value=store):
        assert synchronize.known_domains() == (['here.org'], 'here.org')


def test_a_primary_domain_to_begin_with_must_be_one_of_ours(root: Mock) -> None:
    synchronize.follow_names((), 'new.org')
    synchronize.follow_names((), 'localdomain')
    asked = [each.args[1] for each in root.sync_domains.call_args_list]
    assert asked == ['new.org', None]


@pytest.mark.parametrize(('enabled', 'stop'), [(True, False), (False, True)])
def test_the_common_redis_stays_on_where_another_app_is(
    root: Mock, monkeypatch: pytest.MonkeyPatch, enabled: bool, stop: bool
) -> None:
    other = Mock(app_id='cloud')
    other.is_enabled.return_value = enabled
    other.get_components_of_type.return_value = [Mock(unit='other'), Mock(unit='redis-server')]
    own = Mock(app_id=synchronize.APP_ID)
    monkeypatch.setattr(
        'plinth.modules.email.sync.synchronize.app_module.App.list', Mock(return_value=[own, other])
    )
    synchronize.leave_common_redis(forget=True, stop=True)
    root.learned_leave.assert_called_once_with(True, stop)
    synchronize.leave_common_redis(forget=False, stop=False)
    root.learned_leave.assert_called_with(False, False)
