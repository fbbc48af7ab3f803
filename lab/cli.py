# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs of `./box`."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import container, freedombox, life, package, settings, tools
from .host import LabError, check_machine, install_packages

_DESCRIPTION = (
    'A real FreedomBox with the email app in a container, and an outside world to mail with.'
)

_RAW: dict[str, Any] = {'prefix_chars': '\0', 'add_help': False}
"""Lets a verb take another program's options as they are."""

_BENCH_PARTS = {
    'compare': "only the comparison with FreedomBox's built-in app",
    'programs': 'only processor time by program',
    'forwarding': 'only forwarding',
    'full-directory': 'only a full directory',
    'limits': 'only sending limits',
    'quotas': 'only the question about quotas',
    'filters': 'only filters at delivery',
    'setup': 'only what setting up waits for',
    'memories': 'only what the spam filter learned',
    'bursts': 'only much mail at once',
}


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    result = argparse.ArgumentParser(prog='./box', description=_DESCRIPTION)
    verbs = result.add_subparsers(dest='verb', required=True, metavar='VERB')
    verbs.add_parser('up', help='build, boot and set up everything; safe to repeat')
    test = verbs.add_parser('test', help='run all tests; --changed: those edits can touch', **_RAW)
    test.add_argument('arguments', nargs='*', metavar='PYTEST-ARGUMENTS')
    execute = verbs.add_parser('exec', help='run a command as root in the box')
    execute.add_argument('--machine', choices=settings.MACHINES, default='box')
    execute.add_argument('command', nargs=argparse.REMAINDER, metavar='CMD')
    status = verbs.add_parser('status', help='show addresses and logins')
    status.add_argument('--json', action='store_true')
    logs = verbs.add_parser('logs', help="show the box's journal", **_RAW)
    logs.add_argument('arguments', nargs='*', metavar='JOURNALCTL-ARGUMENTS')
    down = verbs.add_parser('down', help='stop everything, keep what is in it')
    down.add_argument('--at-once', action='store_true', help='as a power failure would')
    verbs.add_parser('destroy', help='remove everything but installed packages')
    verbs.add_parser('deb', help='build the package into dist/')
    verbs.add_parser('durations', help='write the slowest tests of the last whole run into doc/')
    bench = verbs.add_parser('bench', help="measure beside FreedomBox's built-in app")
    bench.add_argument('--quick', action='store_true', help='a smoke test: few messages, no file')
    for name, about in _BENCH_PARTS.items():
        bench.add_argument(f'--{name}', dest='only', action='append_const', const=name, help=about)
    shot = verbs.add_parser('shot', help='take a screenshot of a page as the admin')
    shot.add_argument('path', metavar='PATH')
    shot.add_argument('file', metavar='FILE', type=Path)
    shot.add_argument('--width', type=int, default=1200)
    shots = verbs.add_parser('shots', help='take screenshots of all pages into doc/screenshots')
    shots.add_argument(
        '--all-looks', action='store_true', help='dark and right to left on a phone too'
    )
    shots.add_argument('names', nargs='*', metavar='NAME', help='only these')
    return result


def main() -> int:
    """Run one verb; errors are one sentence on stderr."""
    arguments = parser().parse_args()
    try:
        return _VERBS[arguments.verb](arguments)
    except LabError as error:
        print(f'./box: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('\n./box: stopped; the same command goes on from here.', file=sys.stderr)
        return 130


def _up(_arguments: argparse.Namespace) -> int:
    life.up()
    _show(life.status())
    return 0


def _test(arguments: argparse.Namespace) -> int:
    from . import verify

    return verify.run_all(arguments.arguments)


def _exec(arguments: argparse.Namespace) -> int:
    words = arguments.command[1:] if arguments.command[:1] == ['--'] else arguments.command
    line = container.command(settings.MACHINES[arguments.machine], words or ['bash', '-l'])
    os.execvp(line[0], line)  # noqa: S606 (an argument list, as typed by the developer)


def _status(arguments: argparse.Namespace) -> int:
    status = life.status()
    if arguments.json:
        print(json.dumps(status, indent=2))
    else:
        _show(status)
    return 0


def _logs(arguments: argparse.Namespace) -> int:
    words = arguments.arguments or ['--no-pager', '--lines=200']
    line = container.command(settings.BOX, ['journalctl', *words])
    os.execvp(line[0], line)  # noqa: S606


def _down(arguments: argparse.Namespace) -> int:
    check_machine()
    life.down(at_once=arguments.at_once)
    return 0


def _destroy(_arguments: argparse.Namespace) -> int:
    check_machine()
    life.destroy()
    return 0


def _deb(_arguments: argparse.Namespace) -> int:
    check_machine()
    install_packages()
    print(package.build(settings.CHECKOUT / 'dist'))
    return 0


def _durations(_arguments: argparse.Namespace) -> int:
    from . import durations

    print(durations.write())
    return 0


def _bench(arguments: argparse.Namespace) -> int:
    from . import bench

    check_machine()
    bench.main(quick=arguments.quick, only=arguments.only or ())
    return 0


def _shot(arguments: argparse.Namespace) -> int:
    words = [arguments.path, str(arguments.file.absolute()), str(arguments.width)]
    return _with_tools('lab.screenshot', words)


def _shots(arguments: argparse.Namespace) -> int:
    looks = ['--all-looks'] if arguments.all_looks else []
    return _with_tools('lab.shots', [*looks, 'doc/screenshots', *arguments.names])


def _with_tools(module: str, words: list[str]) -> int:
    """Run a module where Playwright is installed."""
    python = tools.environment() / 'bin/python'
    os.chdir(settings.CHECKOUT)
    os.execv(python, [str(python), '-m', module, *words])  # noqa: S606


_VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    'up': _up, 'test': _test, 'exec': _exec, 'status': _status, 'logs': _logs, 'down': _down,
    'destroy': _destroy, 'deb': _deb, 'bench': _bench, 'shot': _shot,
    'shots': _shots, 'durations': _durations,
}  # fmt: skip


def _show(status: dict[str, object]) -> None:
    """Print addresses, users and first steps."""
    admin, ip = settings.ADMIN, settings.BOX.ip
    user = settings.USERS[0]
    print(f'Web page     {freedombox.url(settings.BOX)}')
    print(f'Admin        {admin.username} / {admin.password}')
    for person in (*settings.USERS, *settings.OUTSIDE_USERS):
        print(f'Mail user    {person.address} / {person.password}')
    print(f'DNS          {settings.DNS}   machines: {status["running"]}')
    print('First mail   ./box exec --machine outside swaks --server '
          f'{ip} --from {settings.OUTSIDE_USERS[0].address} --to {user.address}')  # fmt: skip
