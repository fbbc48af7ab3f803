# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mail host of `strict.test`, on the machine `outside`: it takes SPF, DKIM and DMARC seriously.

Mail that SPF forbids, or that fails DMARC under a policy, is refused. Seals (ARC) of the box's
domains are trusted. A second address of Postfix with Debian's Rspamd as its judge; who has a
mailbox at `outside.test` reads the mail there.
"""

from . import container, dns, settings
from .host import step, wait_for
from .settings import OUTSIDE

DOMAIN = 'strict.test'
IP = settings.DNS
"""The second address of the machine."""
ZONE = dns.MailZone(DOMAIN, IP, f'mail.{DOMAIN}.', records=(f'mail A {IP}',))
_SOCKET = 'inet:127.0.0.1:11332'
_FOLDER = '/etc/rspamd/local.d'
_SERVICE = (
    f'{IP}:25 inet n - n - - smtpd -o syslog_name=postfix/strict -o smtpd_milters={_SOCKET} '
    '-o milter_default_action=tempfail'
)
_IDLE = ('fuzzy_check', 'greylist', 'hfilter', 'neural', 'phishing', 'rbl', 'surbl')
_RULES = {
    'options.inc': f'dns {{ nameserver = ["{settings.DNS}:53"]; }}\n',
    'arc.conf': f'whitelisted_signers_map = {list(settings.DOMAINS)};\n'.replace("'", '"'),
    'policies_group.conf': 'symbols {\n'
    '  "R_SPF_FAIL" { weight = 20; }\n  "R_SPF_SOFTFAIL" { weight = 20; }\n'
    '  "DMARC_POLICY_REJECT" { weight = 20; }\n  "DMARC_POLICY_QUARANTINE" { weight = 20; }\n'
    '  "ARC_ALLOW_TRUSTED" { weight = 0; }\n}\n',
    'worker-normal.inc': 'count = 1;\n',
    'worker-proxy.inc': 'count = 1;\n',
} | {f'{name}.conf': 'enabled = false;\n' for name in _IDLE}


def up() -> None:
    """Start the host, if it does not run yet."""
    if container.execute(OUTSIDE, ['systemctl', 'is-active', 'rspamd'], check=False).returncode:
        with step(f'A strict mail host for {DOMAIN}'):
            head = '# SPDX-License-Identifier: AGPL-3.0-or-later\n'
            files = {f'{_FOLDER}/{name}': head + text for name, text in _RULES.items()}
            container.write(OUTSIDE, files)
            place = container.execute(OUTSIDE, ['postconf', '-h', 'mydestination']).stdout.strip()
            container.execute(OUTSIDE, ['postconf', '-e', f'mydestination={place}, {DOMAIN}'])
            container.execute(OUTSIDE, ['postconf', '-M', f'{IP}:25/inet={_SERVICE}'])
            container.execute(OUTSIDE, ['systemctl', 'restart', 'rspamd', 'postfix'])
            wait_for('the strict host to listen', _listens, 60)


def _listens() -> bool:
    asked = ['sh', '-c', f'ss -Hltn | grep -c -e 127.0.0.1:11332 -e {IP}:25']
    return container.execute(OUTSIDE, asked, check=False).stdout.strip() == '2'
