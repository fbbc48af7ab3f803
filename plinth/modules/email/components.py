# SPDX-License-Identifier: AGPL-3.0-or-later
"""FreedomBox components made fit for this app."""

import pathlib
from typing import Any

from freedombox.config import DropinConfigs
from freedombox.daemon import Daemon
from freedombox.modules.apache.components import Webserver
from freedombox.modules.backups.components import BackupRestore
from freedombox.privileged import service as service_privileged

from . import privileged
from .errors import MailError
from .operations import takeover
from .sync import signals
from .system import systemd


class MailDaemon(Daemon):
    """A daemon whose state is asked over D-Bus instead of by running a program."""

    def is_enabled(self) -> bool:
        """Whether the daemon starts at boot."""
        return systemd.starts_at_boot(self.unit)

    def is_running(self) -> bool:
        """Whether the daemon runs."""
        return systemd.running([self.unit])[self.unit]


class PartDaemon(MailDaemon):
    """A daemon that comes and goes with another one, as its unit says."""

    is_leader = False

    def set_enabled(self, enabled: bool) -> None:
        """Do nothing."""

    def enable(self) -> None:
        """Do nothing."""

    def disable(self) -> None:
        """Do nothing."""


class MailWebserver(Webserver):
    """A configuration of Apache whose state is looked up instead of asked of a program."""

    def is_enabled(self) -> bool:
        """Whether Apache reads this configuration."""
        return pathlib.Path(f'/etc/apache2/conf-enabled/{self.web_name}.conf').is_symlink()


class Jails(DropinConfigs):
    """Rules by which fail2ban keeps password guessers out, in force at once."""

    def enable(self) -> None:
        """Put the rules in place."""
        super().enable()
        service_privileged.try_reload_or_restart('fail2ban')

    def disable(self) -> None:
        """Take the rules away."""
        super().disable()
        service_privileged.try_reload_or_restart('fail2ban')


class MailBackup(BackupRestore):
    """Saves the mail directory along with the files.

    FreedomBox saves no part of its LDAP directory by itself.
    """

    def backup_pre(self, packet: Any) -> None:
        """Write the mail directory to a file before the files are saved."""
        super().backup_pre(packet)
        privileged.directory_dump()

    def backup_post(self, packet: Any) -> None:
        """Remove that file, which is saved now and a secret, and note the time."""
        super().backup_post(packet)
        privileged.directory_forget_dump()
        privileged.backup_noted()

    def restore_pre(self, packet: Any) -> None:
        """Forget the last dump, which is not the one to restore."""
        super().restore_pre(packet)
        privileged.directory_forget_dump()

    def restore_post(self, packet: Any) -> None:
        """Read the mail directory from the restored file and put everything in force.

        A backup without that file was made by the app that comes with FreedomBox.
        """
        super().restore_post(packet)
        try:
            privileged.directory_load()
        except MailError as error:
            if error.code != 'load-no-file':
                raise
            takeover.finish(takeover.take_over())
        signals.request_all()
