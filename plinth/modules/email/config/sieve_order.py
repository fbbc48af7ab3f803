# SPDX-License-Identifier: AGPL-3.0-or-later
"""The order in which Sieve scripts see a message at delivery.

A script sees it only while the ones before have put it nowhere: a message that was filed, or
discarded, has reached its place. Scripts of this machine are root's, so no owner of a mailbox can
change or go around them; of `personal` the owner chooses the script (ManageSieve).
"""

from dataclasses import dataclass
from typing import Literal

from .blocks import within
from .guarded import GUARDS, scripts_of
from .state import DovecotSetting, Value

SIEVE = '/usr/share/freedombox-email/sieve'
SIEVE_BINARIES = '/var/lib/dovecot/freedombox-email-sieve'
RULES = '/var/lib/freedombox-email/rules'
OF_MAILBOX = f'{RULES}/mailboxes/%{{user | domain}}/%{{user | username}}'
"""The folder of the scripts that are made for one mailbox."""


@dataclass(frozen=True)
class DeliveryScript:
    """One place in the order; a script that is not there is passed over."""

    name: str
    path: str
    kind: Literal['before', 'personal', 'after'] = 'before'
    more: tuple[tuple[str, str], ...] = ()

    @property
    def block(self) -> str:
        """The name of its block in Dovecot's settings."""
        return self.name if self.kind == 'personal' else f'freedombox-{self.name}'


ORDER = (
    DeliveryScript('guard', str(scripts_of('%{user}')[0]), more=(('bin_path', GUARDS),)),
    DeliveryScript('house-before', f'{RULES}/house/before.sieve'),
    DeliveryScript('quarantine', f'{OF_MAILBOX}/quarantine.sieve'),
    DeliveryScript('house-quarantine', f'{RULES}/house/quarantine.sieve'),
    DeliveryScript('junk', f'{SIEVE}/junk.sieve', more=(('bin_path', SIEVE_BINARIES),)),
    DeliveryScript('rules', f'{OF_MAILBOX}/rules.sieve'),
    DeliveryScript('labels', f'{OF_MAILBOX}/labels.sieve'),
    DeliveryScript('personal', '~/sieve', 'personal', (('active_path', '~/.dovecot.sieve'),)),
    DeliveryScript('house-after', f'{RULES}/house/after.sieve', 'after'),
)


def order_settings() -> tuple[DovecotSetting, ...]:
    """The settings of all scripts at delivery, in their order."""
    settings: tuple[DovecotSetting, ...] = ()
    for number, each in enumerate(ORDER, 1):
        values: dict[str, Value] = {
            'type': each.kind,
            'driver': 'file',
            'path': each.path,
            'precedence': str(number * 10),
            **dict(each.more),
        }
        settings += within((('sieve_script', each.block),), values)
    return settings
