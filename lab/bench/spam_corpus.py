# SPDX-License-Identifier: AGPL-3.0-or-later
"""A made corpus of wanted and unwanted messages in three languages.

Each message has two or three sentences of its kind and several that both kinds have, with names,
sums and places filled in, so that single words tell little. The same seed gives the same corpus.
"""

import json
import random
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any, Literal

Kind = Literal['wanted', 'junk']
KINDS: tuple[Kind, ...] = ('wanted', 'junk')
LANGUAGES = ('en', 'de', 'fr')
_WORDS = Path(__file__).with_name('spam_words.json')


@dataclass(frozen=True)
class MadeMessage:
    """A message of a kind."""

    kind: Kind
    language: str
    content: bytes


class SpamCorpus:
    """A source of messages, each different."""

    def __init__(self, seed: int) -> None:
        self._words: dict[str, Any] = json.loads(_WORDS.read_text(encoding='utf-8'))
        self._pick = random.Random(seed)  # noqa: S311 (it need not be a secret)
        self._number = 0

    def messages(self, kind: Kind, count: int) -> list[MadeMessage]:
        """So many messages of a kind, in all languages by turns."""
        return [self._message(kind, LANGUAGES[n % len(LANGUAGES)]) for n in range(count)]

    def _filled(self, sentence: str) -> str:
        chosen = {name: self._pick.choice(all_) for name, all_ in self._words['fill'].items()}
        return sentence.format(**chosen)

    def _text(self, kind: Kind, language: str) -> list[str]:
        words = self._words[language]
        own = self._pick.sample(words[kind], self._pick.choice((2, 3)))
        common = self._pick.sample(words['both'], self._pick.choice((2, 3, 4)))
        lines = [self._filled(each) for each in own + common]
        self._pick.shuffle(lines)
        return lines

    def _message(self, kind: Kind, language: str) -> MadeMessage:
        self._number += 1
        lines = self._text(kind, language)
        mail = EmailMessage(policy=SMTP)
        mail['From'] = f'{self._pick.choice(self._words["fill"]["name"])} <carol@outside.test>'
        mail['To'] = 'bench-memory@example.test'
        mail['Subject'] = ' '.join(max(lines, key=len).split()[:5])
        mail['Date'] = 'Tue, 01 Dec 2026 10:00:00 +0000'
        mail['Message-ID'] = f'<{self._number}.{self._pick.getrandbits(64):x}@outside.test>'
        mail.set_content('\n'.join(lines) + '\n')
        return MadeMessage(kind, language, mail.as_bytes())
