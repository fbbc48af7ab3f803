# SPDX-License-Identifier: AGPL-3.0-or-later
"""`./box test`: what runs inside the box there, everything else from this machine.

Unit tests need what only Debian 13 has, so they run in the box too, as a user without
rights; tests below `tests/in_box` and `tests/lenses` run there as root.
"""

import os
import subprocess
import sys
from collections.abc import Sequence

from . import container, life, package, tools
from .host import step
from .settings import BOX, CHECKOUT

_FOLDER = '/opt/freedombox-email-tests'
_UNIT, _IN_BOX = 'plinth', ('tests/lenses', 'tests/in_box')
_HOST = ('lab', 'tests/static', 'tests/integration', 'tests/browser', 'tests/packaging')


def run_all(arguments: Sequence[str]) -> int:
    """Run the tests that these pytest arguments name, all when they name none."""
    life.up()
    paths = [word for word in arguments if (CHECKOUT / word.split('::')[0]).exists()]
    options = [word for word in arguments if word not in paths]
    unit = [path for path in paths if path.startswith(_UNIT)]
    in_box = [path for path in paths if path.startswith(_IN_BOX)]
    host = [path for path in paths if path not in unit and path not in in_box]
    if not paths:
        unit, in_box = [_UNIT], list(_IN_BOX)
        host = [path for path in _HOST if (CHECKOUT / path).exists()]
    results = []
    if unit or in_box:
        _copy_tests()
    if unit:
        results.append(_run_inside([*unit, *options], user='nobody'))
    if in_box:
        results.append(_run_inside([*in_box, *options], user=None))
    if host:
        results.append(_run_here([*host, *options]))
    return max(results, default=0)


def _copy_tests() -> None:
    with step('The working tree and its test tools into the box'):
        container.copy_in(BOX, tools.modules_for_box(), ['.'], f'{_FOLDER}/lib')
        container.copy_in(BOX, CHECKOUT, package.files(), f'{_FOLDER}/src')
        # Hypothesis keeps what it learned beside the tests.
        container.execute(BOX, ['chown', '-R', 'nobody', f'{_FOLDER}/src'])


def _run_inside(arguments: Sequence[str], user: str | None) -> int:
    """Run pytest inside the box on a copy of the working tree."""
    words = [
        'env', '--chdir', f'{_FOLDER}/src', f'PYTHONPATH={_FOLDER}/lib:{_FOLDER}/src',
        'PYTHONDONTWRITEBYTECODE=1', 'HOME=/tmp', 'python3', '-m', 'pytest', '-p',
        'no:cacheprovider', *arguments,
    ]  # fmt: skip
    return subprocess.run(container.command(BOX, words, user=user), check=False).returncode


def _run_here(arguments: Sequence[str]) -> int:
    python = tools.environment() / 'bin/python'
    env = {**os.environ, 'PYTHONPATH': str(CHECKOUT), 'PYTHONDONTWRITEBYTECODE': '1',
           'PATH': f'{python.parent}:{os.environ["PATH"]}'}  # fmt: skip
    sys.stdout.flush()
    return subprocess.run(
        [str(python), '-m', 'pytest', '-p', 'no:cacheprovider', *arguments],
        cwd=CHECKOUT, env=env, check=False,
    ).returncode  # fmt: skip
