# SPDX-License-Identifier: AGPL-3.0-or-later
"""Meanings of answers of mail servers, by status code and the usual texts of large providers.

The table changes without us: `/usr/share/freedombox-email/status-codes.json`. An administrator's
own `/etc/freedombox-email/status-codes.json` takes its place. Each rule has a meaning and the
document it is taken from; the first rule that fits counts: those of the provider, of the exact
code, of a text, of the kind of code. Sentences are in `words/status_codes.py`.

An answer that no rule fits has no meaning, and is shown as it is. Another server may say anything,
so a meaning is a help for people, and nothing is decided by it.

DIAGNOSTICS
    ValueError   the table cannot be understood; the text says where
"""

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from ..words.status_codes import MEANINGS

FILES = (
    Path('/etc/freedombox-email/status-codes.json'),
    Path('/usr/share/freedombox-email/status-codes.json'),
)
Fault = Literal['address', 'here', 'network', 'there', 'recipient', 'message', 'none']
"""Where the cause is: the address that was written, settings of this box or its domains, its
internet connection, the other server, the recipient's mailbox, the message; or there is none."""
FixPage = Literal['', 'dns', 'domains', 'delivery', 'activity']
"""The page that mends it."""
ANSWER = ' Answer: '
"""Stands between the meaning of an answer and the answer, where Postfix puts one before it."""
_CODE = re.compile(r'[245]\.(?:\d{1,3}\.(?:\d{1,3})?)?')
_IN_TEXT = re.compile(r'\b[45]\.\d{1,3}\.\d{1,3}\b')
_REPLY = re.compile(r'[45]\d\d\b')
_SAID = re.compile(r'(?: said| to me): (.*)')
_HOST = re.compile(r'host ([A-Za-z0-9.-]+)\[')
_SENTENCES = frozenset(sentence for sentence, _advice in MEANINGS.values())
_QUOTED = re.compile(r'<[^<>]*>')


def answer_in(text: str) -> str:
    """The answer alone, without the meaning that Postfix put before it."""
    meaning, mark, answer = text.partition(ANSWER)
    return answer if mark and meaning in _SENTENCES else text


@dataclass(frozen=True)
class Explanation:
    """A meaning: its name, where the cause is, the page that mends it, and the document."""

    meaning: str
    fault: Fault
    page: FixPage
    source: str

    def __post_init__(self) -> None:
        if self.fault not in get_args(Fault) or self.page not in get_args(FixPage):
            raise ValueError(f'no such fault or page: {self.fault}, {self.page}')
        if not self.source.startswith('https://'):
            raise ValueError(f'no address of a document: {self.source}')


@dataclass(frozen=True)
class CodeRule:
    """Answers of one meaning: of a provider (any without), with a code or its beginning, a text."""

    explanation: Explanation
    provider: str = ''
    code: str = ''
    text: re.Pattern[str] | None = None

    def __post_init__(self) -> None:
        if self.code and not _CODE.fullmatch(self.code):
            raise ValueError(f'no status code: {self.code}')
        if not (self.code or self.text):
            raise ValueError('a rule that fits all answers')

    def fits(self, provider: str, code: str, text: str) -> bool:
        """Whether the rule is about an answer."""
        if self.provider not in ('', provider):
            return False
        if self.code.endswith('.'):
            if not code.startswith(self.code):
                return False
        elif self.code not in ('', code):
            return False
        return self.text is None or self.text.search(text) is not None


@dataclass(frozen=True)
class StatusTable:
    """All rules, and the hosts of providers by the ends of their names."""

    rules: tuple[CodeRule, ...]
    hosts: Mapping[str, str] = field(default_factory=dict)

    def provider(self, relay: str, text: str) -> str:
        """The provider whose host answered; '' for any other."""
        host = relay.partition('[')[0]
        if host in ('', 'none') and (found := _HOST.search(text)):
            host = found[1]
        labels = host.lower().rstrip('.').split('.')
        names = ('.'.join(labels[start:]) for start in range(len(labels)))
        return next((self.hosts[name] for name in names if name in self.hosts), '')

    def explain(self, code: str, text: str, relay: str = '') -> Explanation | None:
        """The meaning of an answer, None for an unknown one.

        `text` is as Postfix logs it; addresses in it say nothing about its meaning.
        """
        text = answer_in(text)
        provider = self.provider(relay, text)
        found = _SAID.search(text)
        words = _QUOTED.sub('<>', found[1] if found else text)
        fitting = (rule for rule in self.rules if rule.fits(provider, code, words))
        rule = next(fitting, None)
        return rule.explanation if rule else None


def _rule(
    raw: Mapping[str, str], meanings: Mapping[str, Any], sources: Mapping[str, str]
) -> CodeRule:
    meaning = raw['meaning']
    fault, page = meanings[meaning]['fault'], meanings[meaning]['page']
    text = re.compile(raw['text'], re.IGNORECASE) if 'text' in raw else None
    return CodeRule(
        Explanation(meaning, fault, page, sources[raw['source']]),
        raw.get('at', ''), raw.get('code', ''), text,
    )  # fmt: skip


def parse(text: str) -> StatusTable:
    """The table in a file's text; ValueError when it is not understood."""
    try:
        raw = json.loads(text)
        rules = tuple(_rule(each, raw['meanings'], raw['sources']) for each in raw['rules'])
        hosts = {name: provider for provider, names in raw['hosts'].items() for name in names}
        unknown = {rule.provider for rule in rules} - {'', *hosts.values()}
        if unknown:
            raise ValueError(f'no hosts of {unknown}')
        return StatusTable(rules, hosts)
    except (AttributeError, KeyError, TypeError, re.error) as error:
        raise ValueError(f'Not a table of status codes: {error!r}') from error


@functools.cache
def _kept(path: Path, _changed: int) -> StatusTable:
    return parse(path.read_text(encoding='utf-8'))


def table() -> StatusTable:
    """The table of this box, read anew when its file has changed."""
    path = next((each for each in FILES if each.exists()), FILES[-1])
    return _kept(path, path.stat().st_mtime_ns)


def refusal(text: str) -> Explanation | None:
    """The meaning of an answer as a report on delivery has it (RFC 3464), with its codes in it.

    Some servers give a reply code alone (RFC 5321), which tells no more than its first digit.
    """
    if found := _IN_TEXT.search(text):
        return table().explain(found[0], text)
    return table().explain(f'{text[0]}.0.0', text) if _REPLY.match(text) else None
