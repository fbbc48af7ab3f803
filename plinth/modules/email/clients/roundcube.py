# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings of Roundcube: a file of ours that it reads after its own.

No file of Debian's, of FreedomBox's or of the administrator's is touched, so there is nothing
they could ask about at an upgrade, overwrite or lose. Apache names our folder to Roundcube while
this app is on (`freedombox-email.conf`), whether Roundcube came before or after it.
See doc/webmail.md.
"""

from ..config.facts import Facts
from ..config.postfix import MESSAGE_SIZE
from ..config.state import MADE, WantedState, WholeFile

PATH = '/etc/freedombox-email/roundcube/config.inc.php'
SETTINGS = '/usr/share/freedombox-email/roundcube/settings.php'
SELF_MADE = '/etc/ssl/certs/ssl-cert-snakeoil.pem'
"""The certificate Debian's Dovecot and Postfix show where a domain has none yet."""


def roundcube_state(facts: Facts) -> WantedState:
    """The file with settings that depend on this box; `SETTINGS` reads it."""
    default = facts.default_certificate
    values = {
        '$certificate': f"'{default.certificate if default else SELF_MADE}'",
        '$mail_domain': f"'{facts.primary_domain or ''}'",
        '$message_size': str(MESSAGE_SIZE),
    }
    lines = (f'{name} = {value};\n' for name, value in values.items())
    content = f"<?php\n// {MADE}\n{''.join(lines)}include '{SETTINGS}';\n"
    return WantedState((WholeFile(PATH, content),))
