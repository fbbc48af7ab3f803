# SPDX-License-Identifier: AGPL-3.0-or-later
"""The script of the rules of a mailbox."""

import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ...directory.mail_filter import FilterCondition, MailFilter
from ...directory.vacation import Vacation, plain_text
from .. import personal_script
from ..own_addresses import OwnAddresses
from .test_sieve_text import TEXTS

ME = OwnAddresses(('me@example.org', 'shop@example.org'))
TEAM = OwnAddresses(('me@example.org',), ('team@example.org',))
_STRING = re.compile(r'"(?:\\.|[^"\\])*"|#[^\n]*', re.S)
_LINES = TEXTS.map(
    lambda text: ''.join(each for each in text if each.isprintable() or each == '\n')
)
_LINE = _LINES.map(lambda text: text.replace('\n', ' ')[:70])
_REPLIES = st.builds(
    Vacation, _LINES.map(lambda text: plain_text(f'{text}!')), _LINE.map(lambda text: f'{text}!')
)


def code(script: str) -> str:
    """A script without its strings and comments."""
    return _STRING.sub(lambda found: '""' if found[0].startswith('"') else '', script)


def _filters(name: str, value: str) -> tuple[MailFilter, ...]:
    safe = re.sub(r'[\[\]]', '', name).strip() or 'x'
    conditions = (
        FilterCondition('from', f'{value}x'),
        FilterCondition('subject', f'{value}x', 'is'),
    )
    return (
        MailFilter(f'{safe}1', conditions, folder='Work/Shop', flag='seen'),
        MailFilter(f'{safe}2', (FilterCondition('label', f'{value}x'),), discard=True),
    )


USUAL = code(personal_script.script(Vacation('x', 'x'), _filters('x', 'x'), ME))


@given(_REPLIES, _LINE, _LINE)
def test_no_text_becomes_code(vacation: Vacation, name: str, value: str) -> None:
    script = personal_script.script(vacation, _filters(name, value), ME)
    assert code(script) == USUAL
    assert '"variables"' not in script.partition('\n# rule')[0]


def test_nothing_to_do_is_no_script() -> None:
    assert not personal_script.script(None, ())
    assert not personal_script.script(Vacation('x', enabled=False), (), ME)
    assert not personal_script.script(None, (MailFilter('x', folder='X', enabled=False),))


def test_a_reply_has_its_days_and_addresses() -> None:
    vacation = Vacation('Bye.', first_day=date(2026, 12, 1), last_day=date(2026, 12, 24), days=3)
    script = personal_script.script(vacation, (), ME)
    assert 'currentdate :value "ge" "date" "2026-12-01"' in script
    assert 'currentdate :value "le" "date" "2026-12-24"' in script
    assert 'vacation :days 3 :addresses ["me@example.org", "shop@example.org"] "Bye.";' in script


def test_an_address_of_several_people_is_answered_as_the_mailbox() -> None:
    script = personal_script.script(Vacation('Bye.'), (), TEAM)
    assert 'not address :is ["to", "cc"] "me@example.org"' in script
    assert ':addresses "team@example.org" :from "me@example.org" "Bye.";' in script


def test_what_is_thrown_away_is_not_answered() -> None:
    thrown = MailFilter('x', (FilterCondition('from', 'shop'),), discard=True)
    script = personal_script.script(Vacation('Bye.'), (thrown,), ME)
    assert 'not allof (header :contains "from" "shop")' in script


def test_conditions() -> None:
    tests = {
        FilterCondition('larger', '500'): 'size :over 500000',
        FilterCondition('smaller', '1'): 'size :under 1000',
        FilterCondition('to', 'a@example.org', 'is'): 'address :is ["to", "cc"] "a@example.org"',
        FilterCondition('list', 'news'): 'header :contains "list-id" "news"',
        FilterCondition('label', 'shop', 'is'): 'envelope :detail :is "to" "shop"',
        FilterCondition('subject', '"x"'): 'header :contains "subject" "\\"x\\""',
    }
    for condition, wanted in tests.items():
        assert personal_script.condition_test(condition) == wanted
