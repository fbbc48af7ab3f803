# SPDX-License-Identifier: AGPL-3.0-or-later
"""Thunderbird on a person's computer, without a screen: its windows are there, and are used."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import container, laptop
from lab.host import LabError, wait_for
from lab.settings import LAPTOP

from .marionette import Marionette, session

_UNIT = 'thunderbird-lab'
_PROFILE = f'{laptop.HOME}/thunderbird'
_START = (
    'systemd-run', '--quiet', '--collect', f'--unit={_UNIT}', f'--uid={laptop.USER}',
    f'--setenv=HOME={laptop.HOME}', 'thunderbird', '--headless', '--profile', _PROFILE,
    '--marionette', '--remote-allow-system-access',
)  # fmt: skip
_SCRIPTS = Path(__file__).with_suffix('.js')
_FOUND, _ASKED, _PASSWORD, _MORE, _DONE = (
    f'#email{name}Subview'
    for name in ('ConfigFound', 'CredentialsConfirmation', 'Password', 'SyncAccounts',
                 'AddedSuccess')
)  # fmt: skip
_ON = 'account-hub-footer #forward'
_SECONDS = 60


class Thunderbird:
    """A running Thunderbird whose person has not done anything in it."""

    def __init__(self, program: Marionette) -> None:
        self._do = program.script

    def _come(self, what: str) -> None:
        """Wait for a step of the set-up."""
        try:
            wait_for(what, lambda: self._do('return lab.isThere(args[0])', what), _SECONDS)
        except LabError as error:
            raise AssertionError(f'{error} Thunderbird says: {self.says()}') from error

    def says(self) -> str:
        """The words of the window in which an account is set up."""
        return ' '.join(str(self._do('return lab.hub()')).split())

    def find(self, name: str, address: str) -> str:
        """Type name and address into the window of a new account; return what it says then."""
        self._do('await openAccountHub("MAIL")')
        self._come('#email')
        self._do('lab.type("#realName", args[0]); lab.type("#email", args[1])', name, address)
        self._do('lab.click(args[0])', _ON)
        return self._answer(f'{_FOUND}, {_ASKED}')

    def agree(self) -> str:
        """Go on to a host of another domain, about which it asked; return what it found."""
        self._do('lab.click(args[0])', _ON)
        return self._answer(_FOUND)

    def _answer(self, step: str) -> str:
        self._come(step)
        wait_for('a notice', lambda: 'found' in self.says(), _SECONDS)
        return self.says()

    def finish(self, password: str) -> None:
        """Go on with what was found, and type the password."""
        self._do('lab.click(args[0])', _ON)
        self._come(_PASSWORD)
        self._do('lab.type("#password", args[0]); lab.click(args[1])', password, _ON)
        self._come(f'{_MORE}, {_DONE}')  # it also looks for calendars and address books
        if self._do('return lab.isThere(args[0])', _MORE):
            self._do('lab.click(args[0])', _ON)
            self._come(_DONE)
        self._do('lab.click(args[0])', _ON)

    def read(self, subject: str) -> str:
        """The text of a message in the inbox, which may still have to be fetched."""
        text = wait_for(subject, lambda: self._do('return lab.message(args[0])', subject), _SECONDS)
        return str(text)

    def send(self, recipient: str, subject: str, text: str) -> None:
        """Write a message and click Send."""
        self._do('lab.compose(...args)', recipient, subject, text)
        wait_for('the window to write in', lambda: self._do('return lab.send()'), _SECONDS)
        wait_for('the message to be sent', lambda: self._do('return lab.isSent()'), _SECONDS)


def _is_ready(program: Marionette) -> bool:
    return bool(program.script('return typeof openAccountHub === "function"'))


def _listens() -> bool:
    found = laptop.run('cat', f'{_PROFILE}/MarionetteActivePort', check=False)
    return found.returncode == 0


@contextmanager
def started() -> Iterator[Thunderbird]:
    """A Thunderbird with a new profile."""
    laptop.run('rm', '-rf', _PROFILE)
    laptop.run('mkdir', _PROFILE)
    container.execute(LAPTOP, _START)
    try:
        wait_for('Thunderbird to start', _listens, _SECONDS)
        with session(LAPTOP) as program:
            wait_for("Thunderbird's main window", lambda: _is_ready(program), _SECONDS)
            program.script(_SCRIPTS.read_text(encoding='utf-8'))
            yield Thunderbird(program)
    finally:
        container.execute(LAPTOP, ['systemctl', 'stop', _UNIT], check=False)
