# SPDX-License-Identifier: AGPL-3.0-or-later
"""Senders of mail that is passed on: made, read, expired and forged."""

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.config.forwarding import BOUNCE_CLASS
from plinth.modules.email.sending import srs
from plinth.modules.email.sending.socketmap import NOT_FOUND

DAY = 24 * 3600
REWRITER = srs.SenderRewriter(['new', 'old'])
SENDER = 'Carol+list=x@outside.test'
LOCALS = st.text('abcXYZ019._+=-&/', min_size=1, max_size=40)


def later(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    """Have some days pass."""
    now = time.time() + days * DAY
    monkeypatch.setattr(time, 'time', lambda: now)


@given(LOCALS, st.sampled_from(['outside.test', 'a.b.test']), st.booleans())
def test_a_bounce_finds_its_way_back(local: str, host: str, is_proven: bool) -> None:
    sender = f'{local}@{host}'
    made = REWRITER.forward(sender, 'example.test', is_proven=is_proven)
    assert made.endswith('@example.test')
    assert srs.is_rewritten(made)
    assert REWRITER.reverse(made) == srs.OriginalSender(sender, is_proven)


@given(LOCALS, st.booleans())
def test_an_address_others_rewrote_finds_its_way_back(local: str, is_proven: bool) -> None:
    sender = f'SRS0=abcd=TT=elsewhere.test={local}@forwarder.test'
    made = REWRITER.forward(sender, 'example.test', is_proven=is_proven)
    assert made.startswith('SRS1')
    assert REWRITER.reverse(made) == srs.OriginalSender(sender, is_proven)
    again = REWRITER.forward(made.replace('example', 'other'), 'example.test', is_proven=True)
    assert REWRITER.reverse(again).address == sender


@pytest.mark.parametrize(
    ('change', 'by'),
    [
        ('carol', 'dave'),
        ('outside.test', 'inside.test'),
        ('SRS0=', 'SRS0-'),
        ('@example.test', '@second.test'),
        ('SRS0=', 'SRS0+'),
    ],
)
def test_each_part_is_covered_by_the_code(change: str, by: str) -> None:
    made = REWRITER.forward('carol@outside.test', 'example.test', is_proven=True)
    with pytest.raises(srs.ForgedAddressError):
        REWRITER.reverse(made.replace(change, by))


def test_what_was_not_proven_cannot_be_made_proven() -> None:
    made = REWRITER.forward('carol@outside.test', 'example.test', is_proven=False)
    with pytest.raises(srs.ForgedAddressError):
        REWRITER.reverse(made.replace('SRS0-', 'SRS0='))


@given(st.text(max_size=60))
def test_any_text_is_forged(text: str) -> None:
    for address in (text, f'SRS0={text}@example.test', f'SRS1={text}@example.test'):
        with pytest.raises(srs.ForgedAddressError):
            REWRITER.reverse(address)


@pytest.mark.parametrize('change', [str.lower, str.upper])
def test_capitals_do_not_count(change: type[str]) -> None:
    made = REWRITER.forward('carol@outside.test', 'example.test', is_proven=True)
    assert REWRITER.reverse(change(made)).address.lower() == 'carol@outside.test'


def test_a_code_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    made = REWRITER.forward(SENDER, 'example.test', is_proven=True)
    later(monkeypatch, srs.DAYS)
    assert REWRITER.reverse(made).address == SENDER
    later(monkeypatch, 1)
    with pytest.raises(srs.ExpiredAddressError):
        REWRITER.reverse(made)


def test_a_code_without_a_date_expires_too(monkeypatch: pytest.MonkeyPatch) -> None:
    sender = 'SRS0=abcd=TT=elsewhere.test=carol@forwarder.test'
    made = REWRITER.forward(sender, 'example.test', is_proven=True)
    later(monkeypatch, srs.DAYS)
    assert REWRITER.reverse(made).address == sender
    later(monkeypatch, srs.DAYS)
    with pytest.raises(srs.ForgedAddressError):
        REWRITER.reverse(made)


def test_old_secrets_still_read() -> None:
    made = srs.SenderRewriter(['old']).forward(SENDER, 'example.test', is_proven=True)
    assert REWRITER.reverse(made).address == SENDER
    with pytest.raises(srs.ForgedAddressError):
        srs.SenderRewriter(['new']).reverse(made)


def ask(question: str) -> str:
    """The answer of the service."""
    return asyncio.run(srs.SenderService(REWRITER).answer(question.encode())).decode()


def made_by_service(how: str) -> str:
    """A sender the service made."""
    return ask(f'forward example.test {how} {SENDER}').removeprefix('OK ').removesuffix('\n')


def test_the_service_answers_postfix() -> None:
    made = made_by_service('proven')
    assert ask(f'check {made}') == f'OK {BOUNCE_CLASS}'
    assert ask(f'bounce {made}') == f'OK {SENDER}'
    assert ask(f'sender {made}') == f'OK {SENDER}'


@pytest.mark.parametrize(
    ('local', 'shown'),
    [('a b', '"a b"'), ('a,b', '"a,b"'), ('a..b', '"a..b"'), ('a"\\', r'"a\"\\"')],
)
def test_odd_names_are_quoted(local: str, shown: str) -> None:
    made = ask(f'forward example.test proven {local}@outside.test')
    assert made.startswith('OK "SRS0=')
    assert made.endswith('"@example.test\n')
    inside = REWRITER.forward(f'{local}@outside.test', 'example.test', is_proven=True)
    for address in (inside, srs.quoted(inside)):
        assert ask(f'bounce {address}') == ask(f'sender {address}') == f'OK {shown}@outside.test'


def test_a_bounce_to_an_unproven_sender_is_the_postmasters() -> None:
    made = made_by_service('unproven')
    assert ask(f'bounce {made}') == 'OK postmaster@example.test'
    assert ask(f'sender {made}') == f'OK {SENDER}'


def test_forged_and_expired_addresses_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made = made_by_service('proven')
    forged = made.replace('Carol', 'Dave')
    assert ask(f'check {forged}').startswith('OK 550 5.1.1 ')
    assert ask(f'bounce {forged}') == ask(f'sender {forged}') == NOT_FOUND.decode()
    later(monkeypatch, srs.DAYS + 1)
    assert ask(f'check {made}').startswith('OK 550 5.1.6 ')
    assert ask(f'bounce {made}') == ask(f'sender {made}') == NOT_FOUND.decode()


@given(st.binary(max_size=80))
def test_any_question_has_an_answer(question: bytes) -> None:
    answer = asyncio.run(srs.SenderService(REWRITER).answer(question))
    assert answer.startswith((b'OK 550 ', NOT_FOUND))


@given(st.text(max_size=40), st.text(max_size=40))
def test_rspamd_can_read_each_answer_to_its_end(domain: str, sender: str) -> None:
    answer = ask(f'forward {domain} proven {sender}')
    assert answer.find('\n') == len(answer) - 1


def test_secrets_are_read_from_lines() -> None:
    assert srs.read_secrets('100 aaa\n\n50 bbb\n') == ('aaa', 'bbb')
    with pytest.raises(ValueError, match='no secret'):
        srs.SenderRewriter(srs.read_secrets('\n'))
