# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of systemd and of Debian's packages."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'no-space.install': _(
        'Installing needs {needed} MB of disk space, but only {there} MB are free. Free up space, '
        'then try again.'
    ),
    'packages-broken': _(
        'Earlier installations are incomplete. Run “dpkg --configure -a” and “apt --fix-broken '
        'install” as root, then try again.'
    ),
    'packages-busy': _(
        'Another program is installing or removing software. Try again when it has finished.'
    ),
    'packages-conflict': _("The software can't be installed, because it would replace {name}."),
    'packages-failed': _('The package manager (apt) failed.'),
    'packages-needed': _("The software can't be removed, because {name} needs it."),
    'packages-not-fetched': _(
        'The software could not be downloaded. Check the internet connection, then try again.'
    ),
    'packages-unknown': _('The package {name} is not in any package source of this system.'),
    'systemd-silent': _("The service manager (systemd) isn't answering."),
}
