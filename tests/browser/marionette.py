# SPDX-License-Identifier: AGPL-3.0-or-later
"""Marionette, the protocol by which Mozilla's programs are driven in their own tests.

It listens on the loopback of its machine, so a shell there passes it on.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from lab import container
from lab.settings import Machine

_PORT = 2828
_PASS_ON = f'exec 3<>/dev/tcp/127.0.0.1/{_PORT}; cat <&3 & cat >&3; kill $!'


class MarionetteError(Exception):
    """A command failed; the message is that of the program."""


@dataclass
class Marionette:
    """A session with a program; scripts run as its own do, beside its windows."""

    to: IO[bytes]
    back: IO[bytes]
    number: int = 0

    def _read(self) -> Any:
        """One packet: its length in digits, a colon, and JSON."""
        digits = b''
        while (byte := self.back.read(1)) != b':':
            if not byte:
                raise MarionetteError('the program has gone')
            digits += byte
        return json.loads(self.back.read(int(digits)))

    def command(self, name: str, **parameters: Any) -> Any:
        """Have the program do something, and return its answer."""
        self.number += 1
        data = json.dumps([0, self.number, name, parameters]).encode()
        self.to.write(b'%d:%s' % (len(data), data))
        self.to.flush()
        _kind, number, error, answer = self._read()
        assert number == self.number
        if error:
            raise MarionetteError(f'{error["error"]}: {error["message"]}')
        return answer

    def script(self, body: str, *arguments: Any) -> Any:
        """Run the body of an async function in the program's main window."""
        code = f'return (async (...args) => {{ {body} }})(...arguments)'
        return self.command('WebDriver:ExecuteScript', script=code, args=list(arguments),
                            sandbox='system', newSandbox=False)['value']  # fmt: skip


@contextmanager
def session(machine: Machine) -> Iterator[Marionette]:
    """A session with the program that listens on a machine."""
    line = container.command(machine, ['bash', '-c', _PASS_ON])
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as shell:
        assert shell.stdin
        assert shell.stdout
        found = Marionette(shell.stdin, shell.stdout)
        try:
            found._read()
            found.command('WebDriver:NewSession', capabilities={})
            found.command('Marionette:SetContext', value='chrome')
            yield found
        finally:
            shell.stdin.close()
