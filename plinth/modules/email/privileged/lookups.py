# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where mail to an address would go, by the look-ups Postfix makes itself.

NAME
    lookups - Postfix's own tables, asked with Postfix's own tool

DESCRIPTION
    The tables are those main.cf names at this moment, in its order, and each answer is taken
    for a new question as cleanup(8) does. That is compared with the path worked out from the
    directory: should they ever differ, what Postfix says is what happens.
    The tables are asked directly, without proxymap, so that Postfix need not run.

DIAGNOSTICS
    lookup-failed    a table could not be asked; the detail holds Postfix's words
    What `directory.address` says of something that is no address.
"""

import itertools
import subprocess
from dataclasses import dataclass, field
from typing import Any

from freedombox.actions import privileged

from ..config.tables import READER
from ..directory.address import parse
from ..directory.resolve import resolve as resolve_in
from ..directory.resolve import who_may_send
from ..directory.store import Store
from ..directory.view import StoreView
from ..errors import MailError

_SECONDS = 20
_MOST = 200
_PARTIAL = ('virtual_alias_maps',)
"""Settings whose tables are also asked for a whole domain."""


def split_tables(text: str) -> list[str]:
    """Return the tables of a list in main.cf; commas inside braces belong to a table."""
    found, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        depth += (sign == '{') - (sign == '}')
        if depth == 0 and sign in ', ':
            found.append(text[start:place])
            start = place + 1
    return [table for table in (*found, text[start:]) if table]


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise MailError('lookup-failed', "Postfix can't be queried.", str(error)) from error


def _ask(table: str, key: str) -> str:
    """Return what one table answers, '' for nothing."""
    done = _run(['postmap', '-q', key, table])
    if done.returncode and done.stderr:
        raise MailError('lookup-failed', "Postfix can't read the directory.", done.stderr.strip())
    return done.stdout.strip()


@dataclass
class Postfix:
    """Postfix's tables and what was asked of them."""

    settings: dict[str, str] = field(default_factory=dict)
    answers: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the settings that name the tables."""
        names = ('virtual_alias_maps', 'virtual_mailbox_maps', 'virtual_mailbox_domains',
                 'smtpd_recipient_restrictions')  # fmt: skip
        done = _run(['postconf', '-x', *names])
        lines = (line.partition(' = ') for line in done.stdout.splitlines())
        self.settings = {name: value for name, _, value in lines}

    def tables(self, name: str) -> list[str]:
        """Return the tables of a setting; of restrictions those asked about recipients."""
        words = split_tables(self.settings.get(name, ''))
        if name.endswith('_restrictions'):
            words = [
                table
                for word, table in itertools.pairwise(words)
                if word == 'check_recipient_access'
            ]
        return [word.replace('proxy:', '') for word in words if ':' in word]

    def ask(self, tables: list[str], key: str) -> str:
        """Return the first answer to a question, '' for none."""
        for table in tables:
            if (table, key) not in self.answers:
                self.answers[table, key] = _ask(table, key)
            if self.answers[table, key]:
                return self.answers[table, key]
        return ''

    def find(self, name: str, address: str) -> str:
        """Return what the tables say of an address, with its label, without, or of its domain."""
        tables = self.tables(name)
        local, _, domain = address.rpartition('@')
        without = f'{local.partition("+")[0]}@{domain}'
        answer = self.ask(tables, address)
        if not answer and without != address:
            answer = self.ask(tables, without)
        return answer or (self.ask(tables, f'@{domain}') if name in _PARTIAL else '')

    def ends(self, address: str) -> list[str]:
        """Return the addresses that stay when everything was looked up."""
        waiting, seen, ends = [address], {address}, []
        while waiting and len(seen) < _MOST:
            current = waiting.pop(0)
            answer = [each.strip() for each in self.find('virtual_alias_maps', current).split(',')]
            following = [each for each in answer if each]
            if current in following or not following:
                ends.append(current)
            for each in following:
                if each not in seen:
                    seen.add(each)
                    waiting.append(each)
        return ends

    def is_ours(self, address: str) -> bool:
        """Tell whether an address is in a domain of ours."""
        domain = address.rpartition('@')[2]
        return bool(self.ask(self.tables('virtual_mailbox_domains'), domain))

    def refusal(self, address: str) -> str:
        """Return the words with which an address is refused, '' if it is not."""
        answer = self.find('smtpd_recipient_restrictions', address)
        if answer.startswith('550 '):
            return answer.removeprefix('550 ')
        if self.is_ours(address) and not (
            self.find('virtual_alias_maps', address) or self.find('virtual_mailbox_maps', address)
        ):
            return '5.1.1 User unknown'
        return ''


def ask_postfix(address: str) -> dict[str, Any]:
    """Return what Postfix does with mail to an address."""
    postfix = Postfix()
    refusal = postfix.refusal(address)
    ends = [] if refusal else postfix.ends(address)
    ours = [end for end in ends if postfix.is_ours(end)]
    return {
        'refusal': refusal,
        'mailboxes': [end for end in ours if postfix.find('virtual_mailbox_maps', end)],
        'unknown': [end for end in ours if not postfix.find('virtual_mailbox_maps', end)],
        'remote': [end for end in ends if end not in ours and end != READER],
    }


@privileged
def resolve(address: str) -> dict[str, Any]:
    """Return the path of an address, who may send as it, and what Postfix says itself."""
    normal = str(parse(address.strip()))
    with Store() as store:
        path = resolve_in(StoreView(store), normal)
        senders = list(who_may_send(store, normal))
    answer = ask_postfix(normal)
    agrees = (bool(answer['refusal']) != path.accepted) and set(path.remote) == set(
        answer['remote']
    )
    return {**path.to_json(), 'senders': senders, 'postfix': answer, 'agrees': agrees}
