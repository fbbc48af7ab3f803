# SPDX-License-Identifier: AGPL-3.0-or-later
"""Postfix's table of meanings is the one of `status-codes.json`, and means the same."""

import re

import pytest

from lab import plain_answers
from plinth.modules.email.activity.status_codes import ANSWER, answer_in, parse
from plinth.modules.email.words.status_codes import MEANINGS

ANSWERS = (
    ('5.2.2', 'host mx01.mail.icloud.com[192.0.2.1] said: 552 5.2.2 user is over quota'),
    ('5.7.26', 'host smtp.google.com[192.0.2.1] said: 550-5.7.26 Your email has been blocked'),
    ('5.0.0', 'host mx00.t-online.de[192.0.2.1] refused to talk to me: 554 IP=192.0.2.9 - (NOWL)'),
    ('4.7.0', 'host mta5.am0.yahoodns.net[192.0.2.1] said: 421 4.7.0 [TSS04] Messages deferred'),
    ('5.1.1', 'host mx.z.test[192.0.2.1] said: 550 5.1.1 <x@z.test>: no'),
    ('4.4.1', 'connect to z.test[192.0.2.1]:25: Connection timed out'),
    ('4.4.2', 'lost connection with z.test[192.0.2.1] while sending RCPT TO'),
    ('5.4.4', 'Host or domain name not found. Name service error for name=z.test type=A'),
    ('5.9.9', 'host mx.z.test[192.0.2.1] said: 550 strange'),
)


def test_the_table_is_made_of_the_present_rules() -> None:
    """`python -m lab.plain_answers --write` makes it anew."""
    assert plain_answers.TARGET.read_text('utf-8') == plain_answers.table()


def looked_up(text: str) -> str:
    """The result of the table, by Python's patterns, which mean the same here."""
    for line in plain_answers.table().splitlines():
        if line.startswith('/'):
            pattern, _, result = line[1:].partition('/ ')
            if found := re.search(pattern, text, re.IGNORECASE):
                return result.replace('$1', found[1]).replace('$2', found[2])
    return ''


@pytest.mark.parametrize(('code', 'text'), ANSWERS)
def test_an_answer_means_the_same_in_a_notice_and_on_a_page(code: str, text: str) -> None:
    found = parse(plain_answers.SOURCE.read_text('utf-8')).explain(code, text)
    said = looked_up(f'{code} {text}')
    if found is None:
        assert said == ''
    else:
        assert said == f'{code} {MEANINGS[found.meaning][0]}{ANSWER}{text}'
        assert answer_in(said.partition(' ')[2]) == text
