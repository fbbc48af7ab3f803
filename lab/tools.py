# SPDX-License-Identifier: AGPL-3.0-or-later
"""Development tools from PyPI: one environment on the host, a few pure modules for the box."""

import sys
from pathlib import Path

from . import base
from .host import run, step
from .settings import CHECKOUT

_REQUIREMENTS = CHECKOUT / 'tests/requirements.txt'
_IN_BOX = ('pytest', 'hypothesis')
_BOX_PYTHON = '3.13'


def _pins() -> str:
    return _REQUIREMENTS.read_text(encoding='ascii')


def environment() -> Path:
    """A virtual environment with the tools, made when it isn't there."""
    name = base.key('tools', _pins(), sys.version)

    def build(target: Path) -> None:
        with step('Development tools'):
            run([sys.executable, '-m', 'venv', target / 'venv'])
            run([target / 'venv/bin/python', '-m', 'pip', 'install', '-q', '-r', _REQUIREMENTS],
                timeout=900)  # fmt: skip

    return base.obtain('tools', name, build) / 'venv'


def modules_for_box() -> Path:
    """A folder with modules for the tests inside the box, beyond Debian's packages."""
    pins = [line for line in _pins().splitlines() if line.startswith(_IN_BOX)]
    name = base.key('box-tools', *pins)

    def build(target: Path) -> None:
        run([environment() / 'bin/python', '-m', 'pip', 'install', '-q', '--target',
             target / 'lib', '--python-version', _BOX_PYTHON, '--only-binary=:all:', *pins],
            timeout=600)  # fmt: skip

    return base.obtain('box-tools', name, build) / 'lib'
