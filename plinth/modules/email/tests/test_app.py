# SPDX-License-Identifier: AGPL-3.0-or-later
"""The app's parts, and that root's service can make it without Django."""

import os
import subprocess
import sys
from contextlib import nullcontext
from unittest.mock import Mock

import pytest
from freedombox import clients
from freedombox.app import App
from freedombox.config import DropinConfigs
from freedombox.daemon import Daemon
from freedombox.modules.letsencrypt.components import LetsEncrypt
from freedombox.modules.users.components import UsersAndGroups
from freedombox.package import Packages

from .. import app as app_module
from .. import manifest
from ..config import paths
from ..health import installation
from ..operations import takeover
from ..sync import synchronize

WITHOUT_DJANGO = """
import importlib, inspect
from freedombox.app import App
for name in ('email', 'emailsetup'):
    module = importlib.import_module('plinth.modules.' + name)
    (found,) = {
        cls for _, cls in inspect.getmembers(module, inspect.isclass) if issubclass(cls, App)
    }
    assert found().app_id == name
importlib.import_module('plinth.modules.email.privileged')
"""
LIGHT = """
import sys
import plinth.modules.email, plinth.modules.emailsetup
assert not [name for name in sys.modules if name.split('.')[0] in ('django', 'freedombox')]
"""


@pytest.fixture(name='app', scope='module')
def fixture_app() -> app_module.EmailApp:
    return app_module.EmailApp()


@pytest.mark.parametrize('program', [WITHOUT_DJANGO, LIGHT], ids=['without-django', 'light'])
def test_in_a_fresh_process(program: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k != 'DJANGO_SETTINGS_MODULE'}
    done = subprocess.run(
        [sys.executable, '-c', program],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stderr


def test_it_takes_the_place_of_the_built_in_app(app: app_module.EmailApp) -> None:
    from freedombox.modules import email

    assert app.app_id == email.EmailApp.app_id
    assert app.info.version > email.EmailApp._version


def test_files_are_not_those_of_the_built_in_app(app: app_module.EmailApp) -> None:
    from freedombox.modules import email

    def paths(one: app_module.EmailApp) -> set[str]:
        found = one.get_components_of_type(DropinConfigs)
        return {path for component in found for path in component.etc_paths}

    ours = paths(app)
    built_in = paths(email.EmailApp())
    app_module.EmailApp()
    assert ours
    assert not ours & built_in


def test_every_service_is_watched_on_its_ports(app: app_module.EmailApp) -> None:
    ports = {
        port for daemon in app.get_components_of_type(Daemon) for port, _ in daemon.listen_ports
    }
    assert {25, 465, 587, 143, 993, 995, 4190} <= ports


def test_certificates_stand_where_the_built_in_app_had_them(app: app_module.EmailApp) -> None:
    found = {one.private_key_path for one in app.get_components_of_type(LetsEncrypt)}
    assert found == {paths.POSTFIX_CERTIFICATE, paths.DOVECOT_KEY}


def test_no_user_can_take_an_address_every_domain_needs(app: app_module.EmailApp) -> None:
    assert list(app.get_components_of_type(UsersAndGroups))
    assert all(
        UsersAndGroups.is_username_reserved(name) for name in ('postmaster', 'abuse', 'vmail')
    )


def test_other_mail_servers_make_room(app: app_module.EmailApp) -> None:
    (packages,) = app.get_components_of_type(Packages)
    assert 'exim4-daemon-light' in packages.conflicts
    assert packages.rerun_setup_on_upgrade


def test_the_redis_of_other_apps_is_none_of_ours(app: app_module.EmailApp) -> None:
    daemons = list(app.get_components_of_type(Daemon))
    assert 'redis-server' not in {daemon.unit for daemon in daemons}
    assert 6379 not in {port for daemon in daemons for port, _kind in daemon.listen_ports}
    (redis,) = [daemon for daemon in daemons if daemon.unit == 'freedombox-email-redis']
    assert not redis.is_leader


def test_clients_have_the_form_freedombox_wants() -> None:
    clients.validate(manifest.CLIENTS)


@pytest.mark.parametrize('over', [True, False])
def test_what_was_taken_over_is_not_taken_over_again(
    app: app_module.EmailApp, monkeypatch: pytest.MonkeyPatch, over: bool
) -> None:
    """FreedomBox may have been killed before it could note that it was."""
    world = Mock()
    world.take_over.return_value = []
    monkeypatch.setattr(App, 'setup', lambda *_: None)
    monkeypatch.setattr(installation, 'watched', nullcontext)
    monkeypatch.setattr(app_module, 'is_over', lambda: over)
    monkeypatch.setattr(takeover, 'take_over', world.take_over)
    monkeypatch.setattr(takeover, 'finish', world.finish)
    monkeypatch.setattr(synchronize, 'apply', world.apply)
    monkeypatch.setattr(synchronize, 'leave_common_redis', world.leave)
    monkeypatch.setattr('plinth.modules.email.sync.signals.check_new_domains', world.check)
    app.setup(9)
    made = [each[0] for each in world.mock_calls]
    work = ['apply', 'leave'] if over else ['take_over', 'leave', 'finish']
    assert made == [*work, 'check']
