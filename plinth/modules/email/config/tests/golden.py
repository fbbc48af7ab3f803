# SPDX-License-Identifier: AGPL-3.0-or-later
"""A state as text that a person can read and compare.

Run as a program it writes the wanted states of all sets of facts anew; what then differs in
version control is what the change really does to the daemons.
"""

from pathlib import Path

from plinth.modules.email.config.facts import CertificateFiles, Facts, Signer
from plinth.modules.email.config.state import (
    DovecotConf,
    DovecotSetting,
    Edit,
    LastLine,
    MainCf,
    MasterCf,
    MasterService,
    WantedState,
    WholeFile,
)
from plinth.modules.email.config.system import system_state
from plinth.modules.email.config.ways_out import Routing
from plinth.modules.email.directory.relay import Relay
from plinth.modules.email.directory.route import Route, RouteRule

FOLDER = Path(__file__).with_suffix('')

SETS = {
    'no-domain': Facts(None, (), (), 'box', 1, 900, (990, 989)),
    'one-domain': Facts(
        'example.test',
        ('example.test',),
        (),
        'box',
        2,
        2000,
        (990, 989),
        (Signer('example.test', 'dkim'),),
    ),
    'three-domains': Facts(
        'example.test',
        ('second.test', 'example.test', 'xn--bcher-kva.test'),
        (CertificateFiles('second.test'), CertificateFiles('example.test')),
        'box.example.test',
        4,
        8000,
        (990, 989),
        (
            Signer('example.test', '2026-11-rsa'),
            Signer('example.test', '2026-11-ed25519'),
            Signer('second.test', 'dkim'),
            Signer('xn--bcher-kva.test', '2026-12-rsa'),
        ),
    ),
    'relays': Facts(
        'example.test',
        ('example.test',),
        (),
        'box',
        2,
        2000,
        (990, 989),
        (),
        routing=Routing(
            (
                Relay('home', 'mail.home.test', 465, 'implicit', login='me'),
                Relay('one', 'smtp.one.test', login='me@one.test', backups='two'),
                Relay('two', 'smtp.two.test', 2525, verify=False, login='me'),
                Relay('tunnel', '10.8.0.1', 25, 'none', spf='ip4:192.0.2.1'),
            ),
            (
                RouteRule('outlook.test', 'relay:one'),
                RouteRule('xn--bcher-kva.test', 'direct'),
                RouteRule('example.test', 'relay:one'),
            ),
            Route('fallback', 'one'),
            ('freedombox-relay-gone', 'freedombox-relay-one'),
        ),
    ),
}


def _setting(setting: DovecotSetting) -> str:
    blocks = ''.join(f'{kind} {name} / '.replace('  ', ' ') for kind, name in setting.blocks)
    return f'{blocks}{setting.key} = {setting.value}'


def _service(service: MasterService) -> list[str]:
    columns = (
        service.name,
        service.type,
        service.private,
        service.unprivileged,
        service.chroot,
        service.wakeup,
        service.limit,
        service.command,
    )
    return [' '.join(columns), *(f'  -o {key}={value}' for key, value in service.options)]


def _edit(edit: Edit) -> list[str]:
    match edit:
        case MainCf():
            return [f'{key} = {value}' for key, value in sorted(edit.values.items())]
        case MasterCf():
            lines = [line for service in edit.services for line in _service(service)]
            return lines + [f'absent: {name} {kind}' for name, kind in edit.absent]
        case DovecotConf():
            absent = [f'absent: include {name}' for name in edit.includes_absent]
            return [*map(_setting, edit.settings), *absent]
        case LastLine():
            return [f'last line: {edit.line}']
        case WholeFile():
            return [f'{edit.owner}:{edit.group} {edit.mode:o}', *edit.content.splitlines()]


def render(state: WantedState) -> str:
    """A state as text."""
    lines = []
    for edit in state.edits:
        lines += [f'== {edit.path}', *_edit(edit), '']
    lines += ['== absent', *state.absent, '', '== units']
    lines += [
        f'{unit.name} {[port.path or port.number for port in unit.ports]}' for unit in state.units
    ]
    return '\n'.join(lines) + '\n'


if __name__ == '__main__':
    for set_name, facts in SETS.items():
        (FOLDER / f'{set_name}.txt').write_text(render(system_state(facts)), encoding='utf-8')
