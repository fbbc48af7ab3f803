# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings of Rspamd.

Rspamd looks at every message before Postfix takes it: mail from outside for spam, mail from
our users for a signature. Its settings of ours are in a folder of their own. Each file of
override.d that may hold an administrator's own, on the same subject, ends with a line that
includes ours: theirs stay, ours win where both say something. The rules are in
/usr/share/freedombox-email/rspamd.
"""

from collections.abc import Mapping

from ..directory.address import unicode_domain
from ..directory.component import ANTIVIRUS
from .antivirus import SCAN_SECONDS
from .antivirus import SETTINGS as ANTIVIRUS_SETTINGS
from .antivirus import SOCKET as ANTIVIRUS_SOCKET
from .facts import Facts
from .postfix import MESSAGE_SIZE, SCANNER_SOCKET
from .state import LastLine, Port, Unit, WantedState, WholeFile, made
from .statistic import CONTROLLER, scores, second_look, statistic_text
from .ucl import Setting, render

FOLDER = '/etc/rspamd'
OWN = f'{FOLDER}/freedombox-email.d'
"""Where the settings are that win over all others."""
RULES = '/usr/share/freedombox-email/rspamd/freedombox-email.lua'
SUBJECTS = '/usr/share/freedombox-email/rspamd/subjects.lua'
ARC_SIGNERS = '/usr/share/freedombox-email/rspamd/arc-signers.inc'
LISTS_OFF = '/usr/share/freedombox-email/rspamd/lists-off.inc'
_RSPAMD_MAPS = 'https://maps.rspamd.com/rspamd'
KEYS = '/var/lib/freedombox-email/keys'
SIGNING = '/usr/share/freedombox-email/rspamd/signing.lua'
SEALING = '/usr/share/freedombox-email/rspamd/sealing.lua'
VIRUSES = '/usr/share/freedombox-email/rspamd/viruses.lua'
SOCKET = CONTROLLER
REDIS_UNIT = 'freedombox-email-redis'
REDIS_SETTINGS = f'{OWN}/redis.conf'
REDIS_SOCKET = '/run/freedombox-email-redis/redis.sock'
"""Of an instance only Rspamd's user may ask, see its unit."""
_PING = 'GET /ping HTTP/1.0\r\n\r\n'
_BUILT_IN = ('dkim-signing.conf', 'logging.inc', 'milter-headers.conf', 'redis.conf')


def _file(name: str, settings: Mapping[str, Setting]) -> WholeFile:
    """A file of settings that win over all others."""
    text = ''.join(render(key, value) for key, value in settings.items())
    return made(f'{OWN}/{name}', text)


def _statistic() -> tuple[WholeFile, LastLine]:
    """The two classifiers, in the place of Debian's one: groups of one name must not be joined."""
    file = made(f'{OWN}/statistic.conf', statistic_text())
    return file, LastLine(f'{FOLDER}/override.d/statistic.conf', _line(file, ''))


def _included(file: WholeFile) -> LastLine:
    """The line that puts a file of ours above an administrator's own settings.

    Files in override.d have priority 10. With another one, `merge` joins groups of settings and
    lets the higher number win; without `try` Rspamd would not start once our files are gone.
    """
    name = file.path.rpartition('/')[2]
    return LastLine(f'{FOLDER}/override.d/{name}', _line(file, '; duplicate=merge'))


def _line(file: WholeFile, more: str) -> str:
    return f'.include(try=true; priority=11{more}) "{file.path}"'


def _workers(facts: Facts) -> tuple[WholeFile, ...]:
    """Processes that take mail from Postfix and scan it themselves, and the one that learns.

    They trust all clients: any client of the controller could have files read to it.
    """
    return (
        _file('worker-normal.inc', {'enabled': False}),
        _file('worker-proxy.inc', {
            'bind_socket': f'{SCANNER_SOCKET} mode=0660',
            'count': facts.scanners,
            'upstream': {'local': {'default': True, 'self_scan': True}},
        }),
        _file('worker-controller.inc', {
            'bind_socket': f'{SOCKET} mode=0600',
        }),
    )  # fmt: skip


def _options(facts: Facts) -> WholeFile:
    """Limits: mail that cannot be scanned waits, and DNS may not hold up mail for long."""
    scan = {'task_timeout': SCAN_SECONDS + 10} if ANTIVIRUS.name in facts.components else {}
    return _file('options.inc', {
        **scan,
        'dns': {'timeout': 1, 'retransmits': 1, 'sockets': 16},
        'max_message': MESSAGE_SIZE + 16 * 1024 * 1024,
        'soft_reject_on_timeout': True,
        'enable_mime_utf': True,
    })  # fmt: skip


def _forms(facts: Facts) -> tuple[tuple[str, str], ...]:
    """Each way of writing a domain of ours, and the domain."""
    return tuple(
        (form, domain)
        for domain in facts.domains
        for form in dict.fromkeys((domain, unicode_domain(domain)))
    )


def _lua_domains(facts: Facts) -> str:
    """Our domains in all ways of writing, as a table for our rules."""
    return ''.join(f'  ["{form}"] = "{domain}",\n' for form, domain in _forms(facts))


def _signing(facts: Facts) -> WholeFile:
    """The keys that sign for a domain in From: its own, never those of one above or below.

    Rspamd's tables in the manner of OpenDKIM know one key for a domain, `domain` any number.
    """
    by_domain: dict[str, Setting] = {
        domain: {
            'selectors': tuple(
                {'selector': each.selector, 'path': f'{KEYS}/{domain}.{each.selector}.key'}
                for each in facts.signers
                if each.domain == domain
            )
        }
        for domain in sorted({each.domain for each in facts.signers})
    }
    table = _lua_domains(facts).replace('\n', '')
    return _file('dkim_signing.conf', {
        'use_domain_custom': f'return dofile("{SIGNING}")({{{table}}})',
        'domain': by_domain,
        'try_fallback': False,
        'use_esld': False,
        'allow_username_mismatch': True,
        'allow_hdrfrom_mismatch': True,
    })  # fmt: skip


def _arc(facts: Facts) -> WholeFile:
    """Seals of others, and ours on mail that is passed on, which count only if a key is RSA."""
    keys = ', '.join(
        f'["{each.domain}"] = {{ domain = "{each.domain}", selector = "{each.selector}", '
        f'key = "{KEYS}/{each.domain}.{each.selector}.key" }}'
        for each in facts.signers
        if not each.selector.endswith('-ed25519')
    )
    load = f'freedombox_seal = freedombox_seal or dofile("{SEALING}")({{ {keys} }})'
    return _file('arc.conf', {
        'whitelisted_signers_map': ARC_SIGNERS,
        'sign_condition': f'{load}; return freedombox_seal(...)',
    })  # fmt: skip


def _modules() -> tuple[WholeFile, ...]:
    """The settings of modules.

    Signatures are checked in mail of this machine too: what a user's script passes on has one. Our
    own rules do the greylisting.
    """
    headers = (
        'authentication-results',
        'x-spam-level',
        'x-spam-status',
        'x-spamd-bar',
        'x-spamd-result',
    )
    return (
        _file('logging.inc', {'type': 'syslog', 'level': 'notice', 'log_re_cache': False}),
        _file('redis.conf', {'servers': REDIS_SOCKET, 'db': '0'}),
        _file('milter_headers.conf', {
            'use': headers,
            'routines': {'authentication-results': {'add_smtp_user': False}},
        }),
        _file('dkim.conf', {'check_local': True}),
        _file('greylist.conf', {'enabled': False}),
        _file('asn.conf', {'enabled': False}),
        _file('rbl.conf', {
            'disabled_rbl_suffixes_map': (f'{_RSPAMD_MAPS}/disabled_rbls.inc.zst', LISTS_OFF),
        }),
        _file('neural.conf', {'enabled': False}),
        # No one reads its list of the last messages: the record is that of the mail log.
        _file('history_redis.conf', {'enabled': False}),
        _file('statistics_group.conf', {'symbols': scores()}),
        _file('settings.conf', second_look()),
    )  # fmt: skip


def _rules(facts: Facts) -> WholeFile:
    """The start of our rules, which are told our domains and the names of this machine."""
    domains = _lua_domains(facts)
    hosts = ', '.join(f'"{name}"' for name in facts.host_names)
    primary = f', "{facts.primary_domain}"' if facts.primary_domain else ''
    text = f'dofile("{RULES}")({{\n{domains}}}, {{{hosts}}}{primary})\n'
    if facts.subjects:
        text += f'dofile("{SUBJECTS}")()\n'
    if ANTIVIRUS.name in facts.components:
        text += f'dofile("{VIRUSES}")("{ANTIVIRUS_SOCKET}", {SCAN_SECONDS + 5})\n'
    return made(f'{FOLDER}/lua.local.d/freedombox-email.lua', text, '--')


def rspamd_state(facts: Facts) -> WantedState:
    """The wanted state of Rspamd."""
    sockets = (Port(0, path=SCANNER_SOCKET), Port(0, 'HTTP/1.1 200', path=SOCKET, ask=_PING))
    unit = Unit('rspamd.service', (f'{FOLDER}/',), sockets)
    # Told to read its settings anew, it goes on listening where it did before, and for a while
    # using the Redis it used, or passing mail on unscanned. This comes last: being told so while it
    # starts ends it.
    watched = (f'{OWN}/worker-', REDIS_SETTINGS, ANTIVIRUS_SETTINGS)
    moved = Unit('rspamd.service', watched, sockets, restart=True)
    settings = (*_workers(facts), _options(facts), *_modules(), _signing(facts), _arc(facts))
    return WantedState(
        (*settings, *map(_included, settings), *_statistic(), _rules(facts)),
        tuple(f'{FOLDER}/local.d/freedombox-{name}' for name in _BUILT_IN),
        (unit, moved),
    )
