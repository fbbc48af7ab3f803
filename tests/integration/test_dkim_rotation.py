# SPDX-License-Identifier: AGPL-3.0-or-later
"""Signing keys follow each other, and every message can be checked all the time it is on its way.

The clock of the machine stays as it is: time passes by moving the moments back that the box has
written down. The zone has two name servers: the lab's own and one that says what a test wants.
"""

import json
import re
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import dkim
import dns.exception
import dns.flags
import dns.message
import dns.resolver
import dns.rrset
import pytest

from lab import dns as lab_dns
from lab import life, outside, settings
from lab.host import wait_for
from tests.conftest import Host

from . import mail

DOMAIN = 'rotation.test'
CAROL = settings.OUTSIDE_USERS[0]
STATE = f'/var/lib/freedombox-email/dkim/{DOMAIN}.json'
KEYS = '/var/lib/freedombox-email/keys'
SECOND = settings.GATEWAY
QUEUE_DAYS = 5
QUIET = (1, 2, 3, 5)
"""Days without mail: no day counts for more than one, so each has to pass."""
# After a change the box looks whether Rspamd's port answers, and hangs up.
pytestmark = pytest.mark.journal_may_say(r'rspamd.*csession.*unexpected EOF')
TTL = 3600
Texts = dict[str, str]

SHIFT = """
import datetime, pathlib, re, sys
path = pathlib.Path(sys.argv[1])
def earlier(found):
    moment = datetime.datetime.fromisoformat(found[1])
    return '"' + (moment - datetime.timedelta(hours=float(sys.argv[2]))).isoformat() + '"'
text = re.sub(r'"(\\d{4}-\\d\\d-\\d\\dT[^"]+)"', earlier, path.read_text())
path.write_text(text)
"""


class SecondServer(socketserver.ThreadingUDPServer):
    """A name server that has the texts it is given, and may keep silent."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__((SECOND, 53), _Answering)
        self.texts: Texts = {}
        self.is_silent = False


class _Answering(socketserver.BaseRequestHandler):
    server: SecondServer

    def handle(self) -> None:
        """Answer a question for a text."""
        data, socket = self.request
        if self.server.is_silent:
            return
        query = dns.message.from_wire(data)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.AA
        name = str(query.question[0].name).rstrip('.')
        if name in self.server.texts:
            text = self.server.texts[name]
            strings = ' '.join(f'"{text[at : at + 250]}"' for at in range(0, len(text), 250))
            answer.answer.append(dns.rrset.from_text(f'{name}.', TTL, 'IN', 'TXT', strings))
        socket.sendto(answer.to_wire(), self.client_address)


@contextmanager
def second_server() -> Iterator[SecondServer]:
    """Serve the zone a second time."""
    with SecondServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.1,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def texts_at(address: str) -> Callable[..., bytes | None]:
    """How to look a text up at one name server, as dkimpy asks for it."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [address]

    def look_up(name: bytes, timeout: int = 5) -> bytes | None:
        try:
            answer = resolver.resolve(name.decode(), 'TXT', lifetime=timeout)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None
        return b''.join(answer[0].strings)

    return look_up


@dataclass
class Sent:
    """A message that arrived outside, and when it was sent."""

    hour: float
    content: bytes

    @property
    def selectors(self) -> list[str]:
        """The keys it is signed with."""
        lines = mail.parsed(self.content).get_all('DKIM-Signature', [])
        return sorted(re.findall(r'\bs=([^;\s]+)', ' '.join(lines)))


@dataclass
class Story:
    """A box, its zone, the time that has passed, and all mail sent meanwhile."""

    box: Host
    outside: Host
    servers: tuple[str, ...]
    hour: float = 0
    sent: list[Sent] = field(default_factory=list)

    def hours(self, count: float, *, quiet: bool = False) -> None:
        """Let time pass and the box look."""
        self.box.run('python3', '-c', SHIFT, STATE, str(count))
        self.hour += count
        self.look(quiet=quiet)

    def look(self, *, quiet: bool = False) -> None:
        """Do what happens once an hour; then send a message and check all that are on their way."""
        self.box.run('systemctl', 'start', 'freedombox-email-keys.service')
        if not quiet:
            self.send()
            self.check()

    def send(self) -> None:
        """Send a message out."""
        sent = mail.message(f'postmaster@{DOMAIN}', CAROL.address)
        self.box.run('sendmail', '-f', f'postmaster@{DOMAIN}', CAROL.address, stdin=sent.as_bytes())
        content = mail.wait_for(self.outside.ip, CAROL, sent, encrypted=False)
        self.sent.append(Sent(self.hour, content))
        assert self.sent[-1].selectors, 'it is signed'

    def check(self) -> None:
        """Let others check every signature of all mail that may still be on its way."""
        for each in self.sent:
            if self.hour - each.hour > QUEUE_DAYS * 24:
                continue
            for server in self.servers:
                for index in range(len(each.selectors)):
                    message = dkim.DKIM(each.content)
                    assert message.verify(index, dnsfunc=texts_at(server)), (server, self.hour)

    @property
    def signing(self) -> list[str]:
        """The keys the latest message is signed with."""
        return self.sent[-1].selectors

    def signs_with(self, selectors: list[str]) -> bool:
        """Whether mail is signed with these keys now; it is sent and checked to find out."""
        self.send()
        self.check()
        return self.signing == selectors

    def pairs(self) -> dict[str, dict[str, Any]]:
        """The keys of the box, by stage."""
        text = self.box.run('freedombox-email', 'dkim', 'list', DOMAIN, '--json')
        return {pair['stage']: pair for pair in json.loads(text)['domains'][0]['pairs']}

    def texts(self, stages: Iterable[str] = ('live', 'next', 'old', 'gone')) -> Texts:
        """The records the box wants to see."""
        return {
            f'{key["selector"]}._domainkey.{DOMAIN}':
                f'v=DKIM1; k={key["kind"]}; p={key["public"]}'
            for stage, pair in self.pairs().items()
            if stage in stages
            for key in pair['keys']
        }  # fmt: skip


def publish(texts: Texts, servers: Iterable[str], options: tuple[str, ...] = ()) -> None:
    """Serve a zone with these texts from the lab's name server."""
    lines = [
        f'{name}. {TTL} TXT '
        + ' '.join(f'"{text[at : at + 250]}"' for at in range(0, len(text), 250))
        for name, text in texts.items()
    ]
    lines += [f'@ NS {name}.' for name in servers]
    zone = lab_dns.LabZone(DOMAIN, '\n'.join([f'@ A {settings.BOX.ip}', *lines]), options)
    second = lab_dns.LabZone('second-server.test', f'ns A {SECOND}')
    lab_dns.publish([outside.ZONE, outside.WORLD, second, zone])


@pytest.fixture(name='domain')
def fixture_domain(box: Host) -> Iterator[str]:
    """Have a domain with the one key the built-in app made."""
    path = f'{KEYS}/{DOMAIN}.dkim.key'
    box.run('openssl', 'genpkey', '-quiet', '-algorithm', 'RSA', '-out', path)
    box.run('chown', '_rspamd:', path)
    box.run('freedombox-email', 'domain', 'add', DOMAIN)
    yield DOMAIN
    box.run('freedombox-email', 'domain', 'remove', '--force', DOMAIN)
    box.run('sh', '-c', f'rm -f {KEYS}/{DOMAIN}.* {STATE}')
    life.publish_zones()


@pytest.mark.long
@pytest.mark.usefixtures('domain')
def test_a_whole_rotation_by_hand(box: Host, outside: Host) -> None:
    names = ['ns.second-server.test']
    with second_server() as second:
        story = Story(box, outside, (settings.DNS, SECOND))
        second.texts = texts = story.texts()
        publish(texts, names)
        story.look()
        assert story.signing == ['dkim']
        _wait_for_records(story, second, names)
        _change_over(story)
        _keep_the_old_one(story, second, names)


def _wait_for_records(story: Story, second: SecondServer, names: list[str]) -> None:
    """Records come late, are wrong, get lost: nothing is signed with the new keys."""
    story.box.run('freedombox-email', 'dkim', 'rotate', DOMAIN)
    old, both = story.texts(['live']), story.texts(['live', 'next'])
    assert len(both) == 3
    story.hours(30)
    publish(both, names)
    story.hours(30)
    assert names[0] in story.pairs()['next']['sentence'], 'the late server is named'
    rsa = next(name for name in both if '-rsa.' in name)
    second.texts = {**both, rsa: both[rsa].replace('p=MIIB', 'p=MIIC')}
    story.hours(30)
    second.texts = both
    second.is_silent = True
    story.box.run('systemctl', 'start', 'freedombox-email-keys.service')
    second.is_silent = False
    story.hours(1)
    assert story.pairs()['next']['code'] == 'next-settling'
    second.texts = old
    story.hours(1)
    second.texts = both
    story.hours(1)
    story.hours(0.9)
    assert story.signing == ['dkim'], 'not all servers had it for longer than its TTL'


def _change_over(story: Story) -> None:
    """All servers had the records for long enough."""
    new = sorted(key['selector'] for key in story.pairs()['next']['keys'])
    story.hours(0.2)
    # Rspamd goes on with its old settings until its new processes are ready.
    wait_for('the new keys to sign', lambda: story.signs_with(new), 30)
    assert story.pairs()['old']['keys'][0]['selector'] == 'dkim'
    assert len(story.texts(['live', 'old'])) == 3


def _keep_the_old_one(story: Story, second: SecondServer, names: list[str]) -> None:
    """The old record stays while mail can wait; then it can be deleted, and is forgotten."""
    path = f'{KEYS}/{DOMAIN}.dkim.key'
    for day in range(7):
        story.hours(24, quiet=day in QUIET)
        assert 'old' in story.pairs()
        assert story.box.succeeds('test', '-e', path)
    story.hours(24)
    story.hours(1)
    assert story.pairs()['gone']['code'] == 'gone'
    assert not story.box.succeeds('test', '-e', path), 'a private key nobody needs'
    wanted = story.texts(['live'])
    publish(wanted, names)
    second.texts = wanted
    story.hours(1)
    assert set(story.pairs()) == {'live'}


@pytest.mark.long
@pytest.mark.usefixtures('domain')
def test_a_whole_rotation_by_itself(box: Host, outside: Host) -> None:
    story = Story(box, outside, (settings.DNS,))
    publish(story.texts(), (), lab_dns.CHANGEABLE)
    server = ('freedombox-email', 'dns', 'server', DOMAIN)
    box.run(*server, settings.DNS, '--key-name', lab_dns.UPDATE_KEY,
            stdin=f'{lab_dns.UPDATE_SECRET}\n')  # fmt: skip
    try:
        story.look()
        box.run('freedombox-email', 'dkim', 'rotate', DOMAIN)
        for hours in (0.5, 0.4):
            story.hours(hours)
            assert story.signing == ['dkim']
        new = sorted(key['selector'] for key in story.pairs()['next']['keys'])
        story.hours(0.2)
        wait_for('the new keys to sign', lambda: story.signs_with(new), 30)
        look_up = texts_at(settings.DNS)
        for day in range(8):
            assert look_up(f'dkim._domainkey.{DOMAIN}'.encode()), 'never deleted before its time'
            story.hours(24, quiet=day in QUIET)
        story.hours(1)
        assert look_up(f'dkim._domainkey.{DOMAIN}'.encode()) is None
        assert set(story.pairs()) == {'live'}
    finally:
        box.run(*server, '--remove')


@pytest.mark.usefixtures('domain')
def test_private_keys_are_for_the_signer_alone(box: Host) -> None:
    box.run('freedombox-email', 'dkim', 'next', DOMAIN)
    for path in box.run('sh', '-c', f'ls {KEYS}/{DOMAIN}.*').split():
        assert box.run('stat', '-c', '%U %G %a', path).split() == ['root', '_rspamd', '640']
        assert not box.succeeds('runuser', '-u', 'plinth', '--', 'cat', path)
        secret = box.run('cat', path).replace('\n', '')[-60:-10]
        for said in (box.run('journalctl', '-q', '--since', '-10min'), box.run('cat', STATE)):
            assert secret not in said.replace('\n', '')
    assert box.run('stat', '-c', '%U %a', STATE).split() == ['root', '600']


def test_keys_are_looked_after_while_mail_runs(box: Host) -> None:
    assert box.run('systemctl', 'is-active', 'freedombox-email-keys.timer').strip() == 'active'
