# SPDX-License-Identifier: AGPL-3.0-or-later
"""`./box test`: tests inside the box there, all others from this machine.

Unit tests need what only Debian 13 has, so they run in the box too, as a user without
rights; tests below `tests/in_box` and `tests/lenses` run there as root. When all are asked
for, those that need no machine run while the lab is made. Then those from outside the box have a
lab of their own, those in the box as root a third one, with some of the browser's, and those
with a machine of their own run beside. Their reports come at the end. Long scenes run with
`--all`, or when their file is named. All tests begin on machines no test has used, some with
`--new`. With `--changed` those run that edited files can touch; `--changed=COMMIT` says edited
since when.
"""

import contextlib
import functools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from typing import IO

from . import cgroup, changed, container, durations, host, life, package, tools
from .host import step
from .settings import BOX, CHECKOUT, FRESH, LAB, OUTSIDE, SECOND_LAB, THIRD_LAB

_FOLDER = '/opt/freedombox-email-tests'
_UNIT, _IN_BOX = 'plinth', ('tests/lenses', 'tests/in_box')
_BROWSER = 'tests/browser'
_MOVED = tuple(f'{_BROWSER}/test_{name}.py' for name in ('password', 'transfer', 'users'))
_NO_MACHINE = ('lab', 'tests/static')
_HERE = ('tests/integration', 'tests/attack')
_ALL = '--all'
_NEW = '--new'
_CHANGED = '--changed'
_SHORT = ('-m', 'not long')
_SLOWEST = ('--durations=20', '--durations-min=3')
_PATIENCE = 'lab.patience'
_OWN = 'own-machine'
_OWN_MACHINE = (
    'tests/packaging',
    'tests/browser/test_first_boot.py',
    'tests/browser/test_first_boot_memory.py',
)


def run_all(arguments: Sequence[str]) -> int:
    """Run the tests that these pytest arguments name, all when they name none."""
    for word in arguments:
        if word.partition('=')[0] == _CHANGED:
            return _run_changed(
                word.partition('=')[2], [each for each in arguments if each != word]
            )
    paths = [word for word in arguments if (CHECKOUT / word.split('::')[0]).exists()]
    options = [word for word in arguments if word not in (*paths, _ALL, _NEW)]
    if not paths:
        return _run_whole(arguments, options)
    if _NEW in arguments:
        life.renew()
    return _run_named(paths, options)


def _run_whole(arguments: Sequence[str], options: Sequence[str]) -> int:
    """Run all tests: beside each other what shares no machine."""
    begun = durations.begin()
    host.check_machine()
    host.install_packages()
    options = [*options, *_SLOWEST, *(() if _ALL in arguments else _SHORT)]
    others = [f'--ignore={path}' for path in (*_OWN_MACHINE, *_MOVED)]
    with _beside(_box, ['test', *_NO_MACHINE, *options]) as results:
        life.renew()
        life.up()
        life.note_use()
        with (
            _lab(SECOND_LAB, [*_HERE, *options]) as second,
            _lab(THIRD_LAB, [*_IN_BOX, *_MOVED, *options]) as third,
            _beside(_on_own_machine, [*_OWN_MACHINE, *options]) as own,
        ):
            _say(begun, 'unit tests')
            results.append(_run([_UNIT], options))
            _say(begun, 'browser tests')
            results.append(_run([_BROWSER], [*others, *options], 'browser'))
            _say(begun, 'what ran beside them')
        results.extend([*own, *second, *third])
    durations.end(begun, arguments)
    return max(results)


def _say(begun: float, what: str) -> None:
    """Show when a part of a run begins: a run that is cut off shows where its time went."""
    print(f'After {(time.time() - begun) / 60:.1f} minutes: {what}', flush=True)


def _run_named(paths: Sequence[str], options: Sequence[str]) -> int:
    """Run the tests below these paths, with a lab when one of them needs it."""
    if all(path.startswith(_NO_MACHINE) for path in paths):
        return _run(paths, options, 'static')
    life.up()
    life.note_use()
    return _run(paths, options)


def _run_changed(since: str, options: Sequence[str]) -> int:
    """Run the tests that edited files can touch, and say why each of them."""
    edits = changed.edited(CHECKOUT, since)
    choices = changed.choose(CHECKOUT, package.files(), edits)
    print(f'{len(edits)} edited files: {" ".join(edits) or "none"}')
    for choice in choices:
        print(f'{choice.path} {choice.reason}')
    sys.stdout.flush()
    return _run_named([choice.path for choice in choices], [*options, *_SHORT])


def _run(paths: Sequence[str], options: Sequence[str], host_part: str = 'outside') -> int:
    """Run the tests below these paths one after the other, where each belongs."""
    unit = [path for path in paths if path.startswith(_UNIT)]
    in_box = [path for path in paths if path.startswith(_IN_BOX)]
    host = [path for path in paths if path not in (*unit, *in_box)]
    results = []
    if unit or in_box:
        _copy_tests()
    if unit:
        results.append(_run_inside([*unit, *options], 'unit', user='nobody'))
    if in_box:
        results.append(_run_inside([*in_box, *options], 'in-box', user=None))
    if host:
        with _here([*host, *options], host_part) as process:
            results.append(process.wait())
    return max(results, default=0)


@contextlib.contextmanager
def _lab(lab: str, arguments: Sequence[str]) -> Iterator[list[int]]:
    """Run tests against another lab meanwhile."""
    start = functools.partial(_box, lab=lab)
    try:
        with _beside(start, ['test', _NEW, *arguments]) as results:
            yield results
    finally:
        with start(['down', '--at-once'], subprocess.DEVNULL) as process:
            process.wait()


def _box(
    arguments: Sequence[str], report: IO[str] | int, lab: str = LAB
) -> subprocess.Popen[bytes]:
    """Start a verb of `./box`."""
    return subprocess.Popen(
        [sys.executable, str(CHECKOUT / 'box'), *arguments],
        env={**os.environ, 'BOX_LAB': lab}, stdout=report, stderr=report,
    )  # fmt: skip


@contextlib.contextmanager
def _beside(
    start: Callable[[Sequence[str], IO[str]], subprocess.Popen[bytes]], arguments: Sequence[str]
) -> Iterator[list[int]]:
    """Run tests meanwhile; the report and result come at the end."""
    results: list[int] = []
    with tempfile.TemporaryFile('w+') as report, start(arguments, report) as process:
        try:
            yield results
            results.append(process.wait())
        finally:
            process.send_signal(signal.SIGINT)  # pytest then takes its machine away
            process.wait()
            report.seek(0)
            sys.stdout.write(report.read())


def _copy_tests() -> None:
    with step('The working tree and its test tools into the box'):
        container.copy_in(BOX, tools.modules_for_box(), ['.'], f'{_FOLDER}/lib')
        container.copy_in(BOX, CHECKOUT, package.files(), f'{_FOLDER}/src')
        # Hypothesis keeps what it learned beside the tests.
        container.execute(BOX, ['chown', '-R', 'nobody', f'{_FOLDER}/src'])


def _pytest(python: str, report: str, arguments: Sequence[str]) -> list[str]:
    """A command of pytest that reports what each test costs."""
    return [python, '-m', 'pytest', '-p', 'no:cacheprovider', '-p', durations.PLUGIN,
            '-p', _PATIENCE, f'--junitxml={report}', *arguments]  # fmt: skip


def _run_inside(arguments: Sequence[str], part: str, user: str | None) -> int:
    """Run pytest inside the box on a copy of the working tree."""
    report = f'{_FOLDER}/src/{part}.xml'
    words = [
        'env', '--chdir', f'{_FOLDER}/src', f'PYTHONPATH={_FOLDER}/lib:{_FOLDER}/src',
        'PYTHONDONTWRITEBYTECODE=1', 'HOME=/tmp',
        f'{durations.VARIABLE}={durations.SELF}:/sys/fs/cgroup/cpu.stat',
        *_pytest('python3', report, arguments),
    ]  # fmt: skip
    done = subprocess.run(container.command(BOX, words, user=user), check=False)
    # There is none when pytest was killed.
    if text := container.execute(BOX, ['cat', report], check=False).stdout:
        durations.report(part).write_text(text, encoding='utf-8')
    return done.returncode


def _here(
    arguments: Sequence[str], part: str, report: IO[str] | None = None
) -> subprocess.Popen[bytes]:
    """Start pytest on this machine."""
    python = tools.environment() / 'bin/python'
    group = f'fbx{LAB}-tests-{part}'
    entrances = cgroup.make(group)
    machines = [FRESH] if part == _OWN else [BOX, OUTSIDE]
    counted = [
        *cgroup.cpu_files(group),
        *(file for m in machines for file in container.cpu_files(m)),
    ]
    env = {**os.environ, 'PYTHONPATH': str(CHECKOUT), 'PYTHONDONTWRITEBYTECODE': '1',
           'PATH': f'{python.parent}:{os.environ["PATH"]}',
           durations.VARIABLE: ':'.join(map(str, counted))}  # fmt: skip
    sys.stdout.flush()
    command = _pytest(str(python), str(durations.report(part)), arguments)
    process = subprocess.Popen(command, cwd=CHECKOUT, env=env, stdout=report)
    cgroup.enter(entrances, process.pid)
    return process


def _on_own_machine(arguments: Sequence[str], report: IO[str]) -> subprocess.Popen[bytes]:
    return _here(arguments, _OWN, report)
