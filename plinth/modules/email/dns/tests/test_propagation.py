# SPDX-License-Identifier: AGPL-3.0-or-later
"""A key counts as there only when every name server has it, and others can use it."""

import pytest

from ..answer import Answer, Question, Status
from ..changes import ZoneChange
from ..keys import RIGHT as FITS
from ..keys import judge
from ..propagation import MOST_SERVERS, Sight, _Tally, look
from ..records import Key
from ..withdraw import withdrawals

RSA = Key('2026-11-rsa', 'QUJD')
SMALL = Key('2026-11-ed25519', 'QUJE', 'ed25519')
RIGHT = 'v=DKIM1; k=rsa; p=QUJD'


@pytest.mark.parametrize(
    ('text', 'key', 'fits'),
    [
        (RIGHT, RSA, True),
        ('p=QU JD', RSA, True),
        ('v=DKIM1; p=QUJD; t=s; h=sha1:sha256; s=email; n=hello', RSA, True),
        ('v=DKIM1; k=ed25519; p=QUJE', SMALL, True),
        ('v=DKIM1; p=QUJE', SMALL, False),
        ('v=DKIM1; k=rsa; p=', RSA, False),
        ('v=DKIM1; k=rsa; p=QUJE', RSA, False),
        ('v=DKIM1; k=rsa; p=QUJD; t=y', RSA, False),
        ('v=DKIM1; k=rsa; p=QUJD; t=s : y', RSA, False),
        ('v=DKIM1; k=rsa; p=QUJD; h=sha1', RSA, False),
        ('v=DKIM1; k=rsa; p=QUJD; s=other', RSA, False),
        ('v=DKIM2; p=QUJD', RSA, False),
        ('v=DKIM1; p=QUJD; p=QUJD', RSA, False),
        ('hello', RSA, False),
        ('', RSA, False),
    ],
)
def test_what_checks_signatures(text: str, key: Key, fits: bool) -> None:
    assert (judge([text], key) == FITS) == fits


def sight(*answers: tuple[str, Answer]) -> Sight:
    """The sight that answers of three servers give."""
    tally = _Tally(('ns1', 'ns2', 'ns3'))
    for server, answer in answers:
        tally.note(server, answer, RSA)
    return tally.sight()


def found(*values: str, ttl: int = 300) -> Answer:
    """An answer with texts."""
    return Answer(Status.FOUND, values, ttl=ttl)


NONE = Answer(Status.NONE)


def test_every_server_counts() -> None:
    there = sight(('ns1', found(RIGHT)), ('ns2', found(RIGHT, ttl=900)), ('ns3', found(RIGHT)))
    assert there.is_everywhere
    assert there.ttl == 900
    assert sight(('ns1', NONE), ('ns2', NONE), ('ns3', Answer(Status.EMPTY))).is_nowhere


@pytest.mark.parametrize(
    ('answer', 'part'),
    [
        (NONE, 'absent'),
        (found(RIGHT, RIGHT), 'other'),
        (found('p=QUJE'), 'other'),
        (Answer(Status.LOOP), 'absent'),
        (Answer(Status.SILENT), 'silent'),
        (Answer(Status.REFUSED), 'silent'),
        (Answer(Status.GARBAGE), 'silent'),
        (Answer(Status.BOGUS, (RIGHT,)), 'silent'),
    ],
)
def test_one_server_keeps_it_from_counting(answer: Answer, part: str) -> None:
    seen = sight(('ns1', found(RIGHT)), ('ns2', answer), ('ns3', found(RIGHT)))
    assert not seen.is_everywhere
    assert not seen.is_nowhere
    assert getattr(seen, part) == ('ns2',)
    assert (seen.wrong == ('ns2',)) == (part != 'silent')


def test_a_server_not_heard_of_is_silent() -> None:
    assert sight(('ns1', found(RIGHT)), ('ns2', found(RIGHT))).silent == ('ns3',)
    assert not sight(('ns1', NONE), ('ns2', NONE)).is_nowhere


@pytest.mark.parametrize(
    ('answer', 'part'),
    [
        (NONE, 'absent'),
        (found('p=QUJE'), 'other'),
        (Answer(Status.SILENT), 'right'),
        (Answer(Status.REFUSED), 'right'),
    ],
)
def test_the_worst_answer_of_a_server_counts(answer: Answer, part: str) -> None:
    """One of its addresses may be dead, for resolvers turn to the next."""
    right = [(name, found(RIGHT)) for name in ('ns1', 'ns2', 'ns3')]
    assert 'ns2' in getattr(sight(*right, ('ns2', answer)), part)
    assert 'ns2' in getattr(sight(('ns2', answer), *right), part)


def test_a_wildcard_is_no_key() -> None:
    text = found('v=spf1 -all')
    assert sight(('ns1', text), ('ns2', text), ('ns3', NONE)).is_nowhere


def test_without_servers_nothing_is_known() -> None:
    nothing = _Tally().sight()
    assert not nothing.is_everywhere
    assert not nothing.is_nowhere
    assert str(nothing) == 'nothing was found out'
    assert look('a.test', [RSA], ()) == {RSA.selector: Sight()}
    assert look('a.test', []) == {}
    assert MOST_SERVERS >= 13


def test_records_of_keys_given_up_are_removed_and_no_others() -> None:
    place = Question('2026-11-rsa._domainkey.a.test', 'TXT')
    held = {place: (Status.FOUND, ('v=DKIM1;p=QUJD', 'p=SOMEBODYELSES', 'hello; hello'))}
    changes = withdrawals('a.test', [RSA, SMALL], held, 'a.test')
    assert changes == (ZoneChange(place.name, 'TXT', ('"v=DKIM1;p=QUJD"',)),)
    assert withdrawals('a.test', [RSA], held, 'b.test') == ()
    assert withdrawals('a.test', [RSA], {}, 'a.test') == ()
