# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail servers of large providers, as far as their answers go, at the gateway of the lab.

Each recipient has an answer; one of several lines has them in order. All else is taken.
"""

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from . import dns, life, settings

PORT = 25


def zones(hosts: Mapping[str, str]) -> list[dns.MailZone]:
    """Zones of domains whose mail goes to a host, and of these hosts."""
    records: dict[str, list[str]] = {domain: [] for domain in hosts}
    for host in hosts.values():
        *name, middle, top = host.split('.')
        records.setdefault(f'{middle}.{top}', []).append(f'{".".join(name)} A {settings.GATEWAY}')
    return [
        dns.MailZone(
            domain, settings.GATEWAY, f'{hosts[domain]}.' if domain in hosts else '',
            records=tuple(lines),
        )
        for domain, lines in records.items()
    ]  # fmt: skip


class _Session(socketserver.StreamRequestHandler):
    """One session of a sender."""

    answers: Mapping[str, str] = {}
    after_data = '250 2.0.0 OK 1764541234 gsmtp'

    def _say(self, text: str) -> None:
        self.wfile.write(text.replace('\n', '\r\n').encode() + b'\r\n')

    def _line(self) -> str:
        return self.rfile.readline(10_000).decode(errors='replace').rstrip('\r\n')

    def _data(self) -> None:
        self._say('354 Go ahead')
        while self._line() != '.':
            pass
        self._say(self.after_data)

    def handle(self) -> None:
        """Answer until the sender quits."""
        self._say('220 provider ESMTP')
        while line := self._line():
            verb, _, rest = line.partition(' ')
            if verb.upper() == 'EHLO':
                self._say('250-provider\n250-ENHANCEDSTATUSCODES\n250 8BITMIME')
            elif verb.upper() == 'RCPT':
                address = rest.partition('<')[2].partition('>')[0].lower()
                self._say(self.answers.get(address, '250 2.1.5 OK'))
            elif verb.upper() == 'DATA':
                self._data()
            elif verb.upper() == 'QUIT':
                self._say('221 2.0.0 Bye')
                return
            else:
                self._say('250 2.0.0 OK')


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def answering(hosts: Mapping[str, str], answers: Mapping[str, str]) -> Iterator[None]:
    """Have domains whose mail goes to hosts that give these answers to recipients."""
    session = type('_Session', (_Session,), {'answers': answers})
    dns.publish([*life.zones(), *zones(hosts)])
    try:
        with _Server((settings.GATEWAY, PORT), session) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            yield
            server.shutdown()
            thread.join()
    finally:
        life.publish_zones()
