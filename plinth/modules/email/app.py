# SPDX-License-Identifier: AGPL-3.0-or-later
"""The app as FreedomBox sees it: its components and its setup.

FreedomBox's privileged service makes this class too, without Django and many times over:
nothing here may look at the database or change anything until it is asked to.
"""

import pathlib
from typing import Any

import freedombox.app
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from freedombox import frontpage, glib, menu
from freedombox.config import DropinConfigs
from freedombox.diagnostic_check import DiagnosticCheck
from freedombox.modules.firewall.components import Firewall
from freedombox.modules.names.components import DomainName
from freedombox.modules.users.components import UsersAndGroups
from freedombox.package import Packages
from freedombox.signals import domain_added, domain_removed, post_app_loading, post_setup
from freedombox.utils import gettext_noop

from . import components, manifest, privileged
from .config import paths
from .config.rspamd import REDIS_UNIT
from .directory import box_names
from .errors import Reason
from .freedombox_seams import show_progress
from .health import installation
from .health.requirements import DESCRIPTION, SUMMARY
from .migration.builtin.displace import is_over
from .operations import takeover
from .sync import signals, synchronize, tlsa_rollover
from .system import systemd

VERSION = 109
FIRST_VERSION = 100
BUILT_IN_VERSIONS = range(1, FIRST_VERSION)
"""Versions of the app that comes with FreedomBox and that this one takes over from."""
OWN_REDIS_VERSION = 101
"""Until then what the spam filter learnt was kept in the Redis of all apps."""
BUILT_IN_WEBSERVER = pathlib.Path('/etc/apache2/conf-enabled/email-freedombox.conf')
MANUAL_PAGE = 'FreedomBoxEmail'


def _ports(*numbers: int) -> list[tuple[int, str]]:
    """Ports in FreedomBox's form, for both versions of the internet protocol."""
    return [(number, kind) for number in numbers for kind in ('tcp4', 'tcp6')]


def _certificate_domains() -> list[str]:
    """The domains whose certificates mail services show."""
    return box_names.mail_domains(DomainName.list_names())


class EmailApp(freedombox.app.App):
    """The mail server of a FreedomBox."""

    app_id = synchronize.APP_ID

    _version = VERSION

    def __init__(self) -> None:
        """Put the app together."""
        super().__init__()
        info = freedombox.app.Info(
            app_id=self.app_id,
            version=self._version,
            name=_('Email'),
            icon_filename='email',
            description=DESCRIPTION,
            manual_page=MANUAL_PAGE,
            clients=manifest.CLIENTS,
            tags=manifest.TAGS,
        )
        self.add(info)
        for part in (self._entries, self._software, self._services, self._network, self._care):
            part(info)

    def _entries(self, info: Any) -> None:
        """Add the places in the web interface that lead here: for administrators, and for all."""
        self.add(
            menu.Menu(
                'menu-email',
                info.name,
                info.icon_filename,
                info.tags,
                'email:index',
                parent_url_name='apps',
            )
        )
        self.add(
            frontpage.Shortcut(
                'shortcut-email-aliases',
                _('My email'),
                icon=info.icon_filename,
                description=[SUMMARY],
                url=reverse_lazy('email:my-start'),
                tags=[gettext_noop('Email server')],
                login_required=False,  # people without an account sign in there
            )
        )

    def _software(self, _info: Any) -> None:
        """Add the packages and the files this app puts beside theirs."""
        self.add(
            Packages(
                'packages-email',
                [
                    'postfix',
                    'postfix-ldap',
                    'dovecot-imapd',
                    'dovecot-pop3d',
                    'dovecot-lmtpd',
                    'dovecot-managesieved',
                    'dovecot-sieve',
                    'dovecot-ldap',
                    'dovecot-flatcurve',
                    'rspamd',
                    'redis-server',
                    'openssl',
                    'postfix-mta-sts-resolver',
                    'libsasl2-modules',
                ],
                conflicts=['exim4-base', 'exim4-config', 'exim4-daemon-light'],
                conflicts_action=Packages.ConflictsAction.REMOVE,
                rerun_setup_on_upgrade=True,
            )
        )
        self.add(
            DropinConfigs(
                'dropin-configs-email', ['/etc/apache2/conf-available/freedombox-email.conf']
            )
        )
        self.add(
            components.Jails(
                'jails-email',
                [
                    '/etc/fail2ban/action.d/freedombox-email.conf',
                    '/etc/fail2ban/action.d/freedombox-email-connection.conf',
                    '/etc/fail2ban/filter.d/freedombox-email-by-hand.conf',
                    '/etc/fail2ban/filter.d/freedombox-email-connections.conf',
                    '/etc/fail2ban/filter.d/freedombox-email-console.conf',
                    '/etc/fail2ban/filter.d/freedombox-email-guesses.conf',
                    '/etc/fail2ban/filter.d/freedombox-email-passwords.conf',
                    '/etc/fail2ban/jail.d/freedombox-email.conf',
                ],
            )
        )

    def _services(self, _info: Any) -> None:
        """Add the programs that run."""
        for unit, ports in {
            'postfix': _ports(25, 465, 587),
            'dovecot': _ports(143, 993, 995, 4190),
            'rspamd': [],
        }.items():
            self.add(components.MailDaemon(f'daemon-email-{unit}', unit, listen_ports=ports))
        self.add(components.PartDaemon('part-daemon-email-redis', REDIS_UNIT))

    def _network(self, info: Any) -> None:
        """Add the services reached over the network, and their certificates."""
        services = ['smtp', 'smtps', 'submission', 'imap', 'imaps', 'pop3s', 'managesieve']
        self.add(Firewall('firewall-email', info.name, ports=services, is_external=True))
        self.add(components.MailWebserver('webserver-email', 'freedombox-email'))
        for unit, key, certificate in (
            ('postfix', paths.POSTFIX_CERTIFICATE, paths.POSTFIX_CERTIFICATE),
            ('dovecot', paths.DOVECOT_KEY, paths.DOVECOT_CERTIFICATE),
        ):
            self.add(
                tlsa_rollover.MailCertificates(
                    f'letsencrypt-email-{unit}',
                    domains=_certificate_domains,
                    daemons=[unit],
                    should_copy_certificates=True,
                    private_key_path=key,
                    certificate_path=certificate,
                    user_owner='root',
                    group_owner='root',
                    managing_app=self.app_id,
                    reload_daemons=True,
                )
            )

    def _care(self, _info: Any) -> None:
        """Add the components that protect users and their data."""
        self.add(
            UsersAndGroups('users-and-groups-email', reserved_usernames=manifest.RESERVED_USERNAMES)
        )
        self.add(components.MailBackup('backup-restore-email', **manifest.BACKUP))

    @staticmethod
    def post_init() -> None:
        """Follow changes of names and users, and catch up with those missed while off."""
        from django.contrib.auth.models import User
        from django.db.models.signals import post_delete, post_save

        from .health import notices  # need the database, which root's service has not
        from .views import login_hint

        login_hint.follow()
        domain_added.connect(signals.on_domain_added)
        domain_removed.connect(signals.on_domain_removed)
        post_save.connect(signals.on_user_changed, sender=User)
        post_delete.connect(signals.on_user_changed, sender=User)
        post_app_loading.connect(signals.on_all_loaded)
        post_app_loading.connect(installation.on_all_loaded)
        post_setup.connect(signals.on_app_set_up)
        glib.schedule(notices.SECONDS, lambda _data: notices.follow(), add_jitter=False)
        glib.schedule(signals.LOOK_SECONDS, signals.look_at_users)

    def setup(self, old_version: int) -> None:
        """Install, or bring an older installation up to date; safe to repeat."""
        with installation.watched():
            self._set_up(old_version)

    def _set_up(self, old_version: int) -> None:
        """Do the work of `setup`."""
        takes_over = old_version in BUILT_IN_VERSIONS and not is_over()
        switch_on = not old_version or (takes_over and BUILT_IN_WEBSERVER.is_symlink())
        installation.check_room(self.get_component('packages-email').possible_packages)
        redis_was_on = systemd.starts_at_boot(synchronize.COMMON_REDIS)
        super().setup(old_version)
        missing: list[Reason] = []
        if takes_over:
            missing = takeover.take_over()
        else:
            synchronize.apply()
        if switch_on:
            show_progress(gettext_noop('Opening firewall ports'))
            self.enable()
        if old_version < OWN_REDIS_VERSION:
            synchronize.leave_common_redis(
                forget=old_version >= FIRST_VERSION,
                stop=bool(old_version) or not redis_was_on,
            )
        if takes_over:
            takeover.finish(missing)
        signals.check_new_domains()
        signals.complete_webmail()

    def uninstall(self) -> None:
        """Remove the optional parts too, whose packages are not among the app's."""
        privileged.components_remove_all()
        super().uninstall()

    def diagnose(self) -> list[DiagnosticCheck]:
        """The results of all components' checks and of our own."""
        from .health import diagnosis

        return [*super().diagnose(), *diagnosis.diagnose(self.is_enabled())]
