# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scripts of guarded mailboxes: nothing in them but what is meant."""

import re

from hypothesis import given
from hypothesis import strategies as some

from plinth.modules.email.directory.guard import Guard
from plinth.modules.email.errors import MailError
from plinth.modules.email.rules.guard_scripts import script

OWN = ('example.test', 'xn--bcher-kva.test')
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')


def test_own_domains_are_known_in_all_ways_of_writing_them() -> None:
    text = script(Guard(), OWN)
    assert '"*@example.test"' in text
    assert '"*@bücher.test"' in text
    assert 'not exists "X-FreedomBox-Author"' in text


def test_without_any_domain_or_correspondent_all_mail_waits() -> None:
    assert 'if not anyof (\n  false\n)' in script(Guard(), ())


@given(some.lists(some.text(some.characters(codec='utf-8'), max_size=20), max_size=4))
def test_a_correspondent_is_never_more_than_a_string(texts: list[str]) -> None:
    known: list[str] = []
    for each in texts:
        try:
            known += Guard(known=(f'{each}@outside.test',)).known
        except MailError:
            continue
    written = script(Guard(known=tuple(known)), OWN)
    plain = script(Guard(known=('a@b.test',)), OWN)
    bare = _STRINGS.sub('""', written).replace('["", ""', '[""')
    assert set(re.findall(r'\w+', bare)) <= set(re.findall(r'\w+', _STRINGS.sub('""', plain)))
    assert bare.count('{') == 1
