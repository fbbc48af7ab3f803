# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists of senders as text and in entries."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...errors import MailError
from .. import sender_lists
from ..mailbox import Mailbox
from ..sender_lists import SenderLists
from ..settings import Settings

DOMAINS = st.from_regex(r'[a-z]{1,8}\.[a-z]{2,6}', fullmatch=True)
SENDERS = DOMAINS | st.builds('{}@{}'.format, st.from_regex('[a-z]{1,9}', fullmatch=True), DOMAINS)


@pytest.mark.parametrize(
    ('text', 'wanted'),
    [
        ('Alice@Example.ORG', 'alice@example.org'),
        (' example.org ', 'example.org'),
        ('@example.org', 'example.org'),
        ('*@example.org', 'example.org'),
        ('BÜCHER.example', 'xn--bcher-kva.example'),
        ('a@bücher.example', 'a@xn--bcher-kva.example'),
    ],
)
def test_a_sender_has_one_form(text: str, wanted: str) -> None:
    assert sender_lists.sender(text) == wanted


@pytest.mark.parametrize('text', ['', 'org', '@org', '*', 'a b.test', 'a@', 'a@b@', '*.org', '#'])
def test_what_is_no_sender(text: str) -> None:
    with pytest.raises(MailError, match='like alice'):
        sender_lists.sender(text)


def test_a_text_may_have_comments_and_blanks() -> None:
    text = '\ufeff# friends\r\n\r\nb@x.test # a shop\r\n@A.test\nb@x.test\n'
    assert sender_lists.parse_list(text) == ('a.test', 'b@x.test')


def test_the_line_that_is_wrong_is_named() -> None:
    with pytest.raises(MailError, match='Line 3'):
        sender_lists.parse_list('a.test\n\nnonsense here\n')


def test_a_list_has_an_end() -> None:
    most = [f'a{number}.test' for number in range(sender_lists.MOST_SENDERS)]
    assert len(SenderLists(tuple(most)).allowed) == sender_lists.MOST_SENDERS
    for text in ('\n'.join([*most, 'b.test']), '#' * (sender_lists.MOST_TEXT + 1)):
        with pytest.raises(MailError, match='too long'):
            sender_lists.parse_list(text)


@given(st.lists(SENDERS, max_size=20))
def test_a_list_that_goes_out_comes_in_again(values: list[str]) -> None:
    found = sender_lists.senders(values)
    assert sender_lists.parse_list(sender_lists.list_text(found)) == found


@given(st.text())
def test_any_text_is_a_list_or_refused(text: str) -> None:
    try:
        found = sender_lists.parse_list(text)
    except MailError:
        return
    assert SenderLists(found).allowed == found


@given(st.lists(SENDERS, max_size=8), st.lists(SENDERS, max_size=8))
def test_a_sender_is_in_one_list(allowed: list[str], denied: list[str]) -> None:
    lists = SenderLists().with_senders('allowed', allowed).with_senders('denied', denied)
    assert set(lists.denied) == set(sender_lists.senders(denied))
    assert not set(lists.allowed) & set(lists.denied)
    assert lists.without('denied', denied).denied == ()
    back = lists.with_senders('allowed', denied)
    assert back.denied == ()


def test_entries_have_both_ways_of_writing() -> None:
    forms = ('a@b.test', 'bücher.example', 'xn--bcher-kva.example')
    for entry in (
        Mailbox('a@example.test', denied=('bücher.example', 'a@b.test'), junk_score=4),
        Settings(denied=('bücher.example', 'a@b.test'), junk_score=4),
    ):
        assert entry.denied == ('a@b.test', 'xn--bcher-kva.example')
        raw = entry.to_attributes()
        assert raw['fbxMailDeniedSender'] == forms
        again = type(entry).from_attributes(
            {name: [value.encode() for value in values] for name, values in raw.items()}
        )
        assert again == entry


@pytest.mark.parametrize(
    ('text', 'wanted'), [('strict', 4), ('usual', 0), ('lenient', 10), ('7', 7), ('0', 0)]
)
def test_scores(text: str, wanted: int) -> None:
    assert sender_lists.parse_score(text) == wanted


@pytest.mark.parametrize('text', ['1', '15', '-3', '5.5', 'x', '', '²', '9' * 5000])
def test_scores_no_one_may_choose(text: str) -> None:
    with pytest.raises(MailError, match='2 to 14'):
        sender_lists.parse_score(text)


def test_changes_by_name() -> None:
    lists = sender_lists.made_change('set-denied', 'a.test\nb.test')(SenderLists(('a.test',)))
    assert lists == SenderLists((), ('a.test', 'b.test'))
    assert sender_lists.made_change('remove-denied', 'a.test')(lists).denied == ('b.test',)
    assert sender_lists.made_change('score', 'strict')(lists).junk_score == 4
    with pytest.raises(MailError):
        sender_lists.made_change('forget', '')
    text = json.dumps(lists.to_json())
    assert sender_lists.made_change('all', text)(SenderLists()) == lists
    assert lists.mark != SenderLists().mark
    for wrong in ('', '[', '[]', '{"allowed": 5}'):
        with pytest.raises(MailError):
            sender_lists.made_change('all', wrong)


def test_who_is_let_in_is_so_for_some_days() -> None:
    one = sender_lists.with_let_in((), 'A@b.test', 1000)
    assert one == (f'a@b.test {1000 + sender_lists.LET_IN_SECONDS}',)
    two = sender_lists.with_let_in(one, 'c@b.test', 2000)
    assert len(two) == 2
    assert len(sender_lists.with_let_in(two, 'a@b.test', 2000)) == 2
    later = sender_lists.with_let_in(two, 'd@b.test', 1500 + sender_lists.LET_IN_SECONDS)
    assert [each.partition(' ')[0] for each in later] == ['c@b.test', 'd@b.test']
    assert sender_lists.is_let_in(two, 'C@b.test', 2001)
    assert not sender_lists.is_let_in(two, 'd@b.test', 2001)
    assert not sender_lists.is_let_in(two, 'c@b.test', 3000 + sender_lists.LET_IN_SECONDS)
    for wrong in ('a@b.test', 'a@b.test x', 'A@b.test 5'):
        with pytest.raises(MailError):
            sender_lists.check_let_in([wrong])
