# SPDX-License-Identifier: AGPL-3.0-or-later
"""Single lines of the mail log, as the daemons write them and as strangers would like them read."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .. import log_events as events
from ..log_events import (
    Arrived,
    Canceled,
    Checked,
    Decided,
    Event,
    Expired,
    JournalEntry,
    Named,
    Noticed,
    Queued,
    Removed,
    RuleActed,
    Switched,
    Titled,
    Tried,
)
from ..log_lines import LONGEST_LINE, read

ID, NEW = '4jcMbK5dPczNwGX', '4jcMbL1hRmzNwGY'
DELAYS = 'delay=0.4, delays=0.1/0/0.1/0.2, '
OK = '250 2.0.0 OK  1764541234 a640c23a62f3a-b7f5a98si123.4 - gsmtp'
GMAIL = 'gmail-smtp-in.l.google.com[142.251.5.27]:25'
LMTP = 'mail.example.test[private/dovecot-lmtp]'
SESSION = 'yGoNLJ2zLWkYHgAA1xKzDg'
OWNER = f'lmtp(alice@example.test)<7704><{SESSION}>: '
HEAD = (
    f'<1f9a2c>; proxy; rspamd_task_write_log: id: <a@b.test>, qid: <{ID}>, ip: 198.51.100.7, '
    'from: <carol@outside.test>, '
)
TAIL = (
    ', len: 1932, time: 53.914ms, dns req: 12, digest: <0123456789abcdef0123456789abcdef>, '
    'rcpts: <alice@example.test>,<bob@example.test>, mime_rcpts: <alice@example.test>'
)
RULES = (
    '[BAYES_SPAM(5.10){99.99%;},MIME_GOOD(-0.10){text/plain;},RCVD_TLS_ALL(0.00){},FUZZY(8.00){x;}]'
)


def event(text: str, source: str) -> Event | None:
    return read(JournalEntry(text, source, 1.0))


CASES: list[tuple[str, str, Event]] = [
    ('postfix/smtpd', f'{ID}: client=mx.outside.test[198.51.100.7]',
     Arrived(ID, 'server', '198.51.100.7', 'mx.outside.test')),
    ('postfix/smtpd', f'{ID}: client=unknown[2001:db8::7]:41234',
     Arrived(ID, 'server', '2001:db8::7', 'unknown')),
    ('postfix/submissions/smtpd',
     f'{ID}: client=unknown[192.168.1.7], sasl_method=PLAIN, sasl_username=alice@example.test',
     Arrived(ID, 'login', '192.168.1.7', 'unknown', 'alice@example.test')),
    ('postfix/submission/smtpd',
     f'{ID}: client=unknown[192.168.1.7], sasl_method=LOGIN, sasl_username=alice, '
     'sasl_sender=x, sasl_username=mallory',
     Arrived(ID, 'login', '192.168.1.7', 'unknown', 'alice')),
    ('postfix/sieve/smtpd', f'{ID}: client=unknown[unknown]',
     Arrived(ID, 'rule', 'unknown', 'unknown')),
    ('postfix/smtpd', f'{ID}: client=localhost[127.0.0.1], orig_queue_id={NEW}, '
     'orig_client=mx.outside.test[198.51.100.7]',
     Arrived(ID, 'server', '127.0.0.1', 'localhost', '', NEW)),
    ('postfix/pickup', f'{ID}: uid=0 from=<root>', Arrived(ID, 'program')),
    ('postfix/pickup', f'{ID}: uid=104 from=<a@b.test> orig_id={NEW}',
     Arrived(ID, 'program', earlier_id=NEW)),
    ('postfix/cleanup', f'{ID}: message-id=<a@b.test>', Named(ID, 'a@b.test')),
    ('postfix/submission/cleanup', f'{ID}: message-id=<x> y@b>', Named(ID, 'x> y@b')),
    ('postfix/cleanup', f'{ID}: message-id=', Named(ID, '')),
    ('postfix/cleanup', f'warning: {ID}: queue file size limit exceeded',
     Decided(ID, 'reject', 'DATA', code='5.3.4', text='message too large')),
    ('postfix/cleanup', f'{ID}: canceled', Canceled(ID)),
    ('postfix/cleanup', f'{ID}: removed (canceled)', Canceled(ID)),
    ('postfix/cleanup', f'{ID}: milter-reject: END-OF-MESSAGE from mx.outside.test[198.51.100.7]: '
     '4.7.1 Greylisted, try again later; from=<carol@outside.test> to=<alice@example.test> '
     'proto=ESMTP helo=<mx.outside.test>',
     Decided(ID, 'reject', 'END-OF-MESSAGE', '198.51.100.7', '4.7.1',
             'Greylisted, try again later', 'carol@outside.test', 'alice@example.test', '', True,
             True)),
    ('postfix/smtpd', 'NOQUEUE: reject: RCPT from unknown[198.51.100.7]: 550 5.1.1 '
     '<nobody@example.test>: Recipient address rejected: User unknown in virtual mailbox table; '
     'from=<carol@outside.test> to=<nobody@example.test> proto=ESMTP helo=<mx.outside.test>',
     Decided('', 'reject', 'RCPT', '198.51.100.7', '5.1.1', '<nobody@example.test>: Recipient '
             'address rejected: User unknown in virtual mailbox table', 'carol@outside.test',
             'nobody@example.test')),
    ('postfix/submissions/smtpd', 'NOQUEUE: reject: RCPT from unknown[192.168.1.7]: 553 5.7.1 '
     '<x@y.test>: Sender address rejected: not owned by user alice; from=<x@y.test> '
     'to=<bob@z.test> proto=ESMTP helo=<[192.168.1.7]> sasl_username=<alice>',
     Decided('', 'reject', 'RCPT', '192.168.1.7', '5.7.1', '<x@y.test>: Sender address rejected: '
             'not owned by user alice', 'x@y.test', 'bob@z.test', 'alice')),
    ('postfix/smtpd', 'NOQUEUE: reject: MAIL from unknown[198.51.100.7]: 552 5.3.4 Message size '
     'exceeds fixed limit; proto=ESMTP helo=<mx.outside.test>',
     Decided('', 'reject', 'MAIL', '198.51.100.7', '5.3.4', 'Message size exceeds fixed limit')),
    ('postfix/postscreen', 'NOQUEUE: reject: RCPT from [198.51.100.7]:4711: 450 4.3.2 Service '
     'currently unavailable; from=<c@d.test>, to=<alice@example.test>, proto=ESMTP, helo=<x>',
     Decided('', 'reject', 'RCPT', '198.51.100.7', '4.3.2', 'Service currently unavailable',
             'c@d.test', 'alice@example.test', is_temporary=True)),
    ('postfix/submissions/smtpd', f'{ID}: hold: END-OF-MESSAGE from unknown[192.168.1.7]: '
     '<END-OF-MESSAGE>: End-of-data too many first-time recipients; from=<alice@example.test> '
     'to=<bob@z.test> proto=ESMTP helo=<[192.168.1.7]> sasl_method=PLAIN sasl_username=alice',
     Decided(ID, 'hold', 'END-OF-MESSAGE', '192.168.1.7', '', '<END-OF-MESSAGE>: End-of-data too '
             'many first-time recipients', 'alice@example.test', 'bob@z.test', 'alice')),
    ('postfix/qmgr', f'{ID}: from=<carol@outside.test>, size=1932, nrcpt=2 (queue active)',
     Queued(ID, 'carol@outside.test', 1932, 2)),
    ('postfix/qmgr', f'{ID}: from=<>, size=1, nrcpt=1 (queue active)', Queued(ID, '', 1, 1)),
    ('postfix/qmgr', f'{ID}: from=<"a b>, size=1"@outside.test>, size=7, nrcpt=1 (queue active)',
     Queued(ID, '"a b>, size=1"@outside.test', 7, 1)),
    ('postfix/qmgr', f'{ID}: removed', Removed(ID)),
    ('postfix/qmgr', f'{ID}: from=<a@b.test>, status=expired, returned to sender', Expired(ID)),
    ('postfix/qmgr', f'{ID}: from=<a@b.test>, status=force-expired, returned to sender',
     Expired(ID)),
    ('postfix/smtp', f'{ID}: to=<bob@gmail.com>, relay={GMAIL}, {DELAYS}dsn=2.0.0, '
     f'status=sent ({OK})',
     Tried(ID, 'bob@gmail.com', '', 'smtp', GMAIL, 'sent', '2.0.0', OK)),
    ('postfix/direct/smtp', f'{ID}: to=<bob@gmail.com>, orig_to=<info@example.test>, '
     f'relay={GMAIL}, conn_use=3, {DELAYS}tls=starttls/(!dane), dsn=5.7.26, status=bounced '
     f'(host {GMAIL[:-3]} said: 550-5.7.26 no (in reply to end of DATA command))',
     Tried(ID, 'bob@gmail.com', 'info@example.test', 'smtp', GMAIL, 'bounced', '5.7.26',
           f'host {GMAIL[:-3]} said: 550-5.7.26 no (in reply to end of DATA command)')),
    ('postfix/smtp', f'{ID}: to=<bob@gone.test>, relay=none, {DELAYS}dsn=4.4.1, status=deferred '
     '(connect to gone.test[192.0.2.1]:25: Connection timed out)',
     Tried(ID, 'bob@gone.test', '', 'smtp', 'none', 'deferred', '4.4.1',
           'connect to gone.test[192.0.2.1]:25: Connection timed out')),
    ('postfix/lmtp', f'{ID}: to=<alice@example.test>, orig_to=<info@example.test>, relay={LMTP}, '
     f'{DELAYS}dsn=2.0.0, status=sent (250 2.0.0 <alice@example.test> {SESSION} Saved)',
     Tried(ID, 'alice@example.test', 'info@example.test', 'lmtp', LMTP, 'sent', '2.0.0',
           f'250 2.0.0 <alice@example.test> {SESSION} Saved', SESSION)),
    ('postfix/local', f'{ID}: to=<root@localhost>, relay=local, {DELAYS}dsn=2.0.0, status=sent '
     f'(forwarded as {NEW})',
     Tried(ID, 'root@localhost', '', 'local', 'local', 'sent', '2.0.0', f'forwarded as {NEW}', '',
           NEW)),
    ('postfix/error', f'{ID}: to=<a@[192.0.2.1]>, relay=none, {DELAYS}dsn=5.1.1, status=bounced '
     '(There is no such address here)',
     Tried(ID, 'a@[192.0.2.1]', '', 'error', 'none', 'bounced', '5.1.1',
           'There is no such address here')),
    ('postfix/bounce', f'{ID}: sender non-delivery notification: {NEW}',
     Noticed(ID, 'returned', NEW)),
    ('postfix/bounce', f'{ID}: sender delay notification: {NEW}', Noticed(ID, 'delayed', NEW)),
    ('postfix/bounce', f'{ID}: sender delivery status notification: {NEW}',
     Noticed(ID, 'success', NEW)),
    ('postfix/bounce', f'{ID}: postmaster non-delivery notification: {NEW}',
     Noticed(ID, 'postmaster', NEW)),
    ('postfix/postsuper', f'{ID}: placed on hold', Switched(ID, is_held=True)),
    ('postfix/postsuper', f'{ID}: released from hold', Switched(ID, is_held=False)),
    ('postfix/postsuper', f'{ID}: removed', Removed(ID, is_by_hand=True)),
    ('dovecot', f"{OWNER}sieve: msgid=<a@b.test>: fileinto action: stored mail into mailbox 'X'",
     RuleActed(SESSION, 'alice@example.test', 'stored', 'a@b.test', 'X', by_rule=True)),
    ('dovecot', f'{OWNER}sieve: msgid=<a@b.test>: discard action: Marked message to be discarded '
     'if not explicitly delivered (discard action)',
     RuleActed(SESSION, 'alice@example.test', 'discarded', 'a@b.test', by_rule=True)),
    ('dovecot', f'{OWNER}sieve: DEBUG: rule {"Büro".encode().hex()}',
     RuleActed(SESSION, 'alice@example.test', 'ruled', '', 'Büro', by_rule=True)),
    ('dovecot', f'{OWNER}sieve: DEBUG: common 4e6577730a',
     RuleActed(SESSION, 'alice@example.test', 'common', '', 'News?', by_rule=True)),
    ('dovecot', f"{OWNER}sieve: msgid=<a@b.test>: stored mail into mailbox 'Lists/debian'",
     RuleActed(SESSION, 'alice@example.test', 'stored', 'a@b.test', 'Lists/debian')),
    ('dovecot', f"{OWNER}sieve: multi-script: msgid=<a@b.test>: stored mail into mailbox 'Junk'",
     RuleActed(SESSION, 'alice@example.test', 'stored', 'a@b.test', 'Junk')),
    ('dovecot', f'{OWNER}msgid=<a@b.test>: saved mail to INBOX',
     RuleActed(SESSION, 'alice@example.test', 'stored', 'a@b.test', 'INBOX')),
    ('dovecot', f'{OWNER}sieve: msgid=<a@b.test>: forwarded to <bob@gmail.com>',
     RuleActed(SESSION, 'alice@example.test', 'forwarded', 'a@b.test', 'bob@gmail.com')),
    ('dovecot', f'{OWNER}sieve: msgid=<a@b.test>: Marked message to be discarded if not explicitly '
     'delivered (discard action)',
     RuleActed(SESSION, 'alice@example.test', 'discarded', 'a@b.test')),
    ('dovecot', f'{OWNER}sieve: msgid=<a@b.test>: rejected message from <c@d.test> (reject)',
     RuleActed(SESSION, 'alice@example.test', 'rejected', 'a@b.test')),
    ('dovecot', f'{OWNER}sieve: msgid=<a@b.test>: sent vacation response to <c@d.test>',
     RuleActed(SESSION, 'alice@example.test', 'replied', 'a@b.test', 'c@d.test')),
    ('dovecot', f'{OWNER}sieve: msgid=<a@b.test>: not forwarding message to <c@d.test>: the '
     "'x-sieve-redirected-from' header indicates a mail loop",
     RuleActed(SESSION, 'alice@example.test', 'looped', 'a@b.test', 'c@d.test')),
    ('dovecot', f"{OWNER}sieve: msgid=<a@b.test>: failed to store into mailbox 'INBOX': Quota "
     'exceeded (mailbox for user is full)',
     RuleActed(SESSION, 'alice@example.test', 'failed', 'a@b.test',
               "'INBOX': Quota exceeded (mailbox for user is full)")),
    ('rspamd', f'{HEAD}(default: T (add header): [13.00/15.00] {RULES}){TAIL}',
     Checked(ID, 'a@b.test', 'add header', 13.0, 15.0,
             (('FUZZY', 8.0), ('BAYES_SPAM', 5.1), ('MIME_GOOD', -0.1)),
             ('alice@example.test', 'bob@example.test'))),
    ('rspamd', f'{HEAD}(default: F (no action): [nan/15.00] []), len: 1',
     Checked(ID, 'a@b.test', 'no action', 0.0, 15.0)),
    ('rspamd', f'<1f9a2c>; lua; subjects.lua:19: freedombox_subject: <{ID}> Fair > qid: <{NEW}>',
     Titled(ID, f'Fair > qid: <{NEW}>')),
]  # fmt: skip


@pytest.mark.parametrize(
    ('source', 'text', 'expected'), CASES, ids=[f'{case[0]}-{n}' for n, case in enumerate(CASES)]
)
def test_a_line_tells_of_an_event(source: str, text: str, expected: Event) -> None:
    assert event(text, source) == expected


@pytest.mark.parametrize('source', sorted({case[0] for case in CASES}))
def test_a_line_counts_by_its_whole_form(source: str) -> None:
    for name, text, _expected in CASES:
        if name == source:
            for changed in (
                f' {text}',
                f'warning: x: {text}',
                f'{text}\nx',
                text[:12],
            ):
                found = event(changed, source)
                assert found is None or isinstance(found, Named | Decided), changed


FORGED = f'x (250 ok), {NEW}: to=<eve@x.test>, relay=none, {DELAYS}dsn=2.0.0, status=sent (250 ok'


def test_a_reply_can_say_anything_and_changes_nothing() -> None:
    line = (
        f'{ID}: to=<bob@z.test>, relay=z.test[192.0.2.1]:25, {DELAYS}dsn=5.0.0, '
        f'status=bounced (host z.test[192.0.2.1] said: 550 {FORGED} status=sent (250 ok))'
    )
    found = event(line, 'postfix/smtp')
    assert isinstance(found, Tried)
    assert (found.result, found.recipient, found.queue_id) == ('bounced', 'bob@z.test', ID)


def test_another_servers_number_is_none_of_ours() -> None:
    reply = f'250 2.0.0 Ok: queued as {NEW}'
    line = f'{ID}: to=<b@z.test>, relay={{}}, {DELAYS}dsn=2.0.0, status=sent ({reply})'
    own, other = '127.0.0.1[127.0.0.1]:10025', 'z.test[192.0.2.1]:25'
    found = [event(line.format(relay), 'postfix/smtp') for relay in (own, other)]
    assert [each.next_id for each in found if isinstance(each, Tried)] == [NEW, '']


def test_only_dovecot_itself_names_a_session() -> None:
    reply = f'250 2.0.0 <b@z.test> {SESSION} Saved'
    line = f'{ID}: to=<b@z.test>, relay={{}}, {DELAYS}dsn=2.0.0, status=sent ({reply})'
    for source, relay in (('postfix/smtp', 'z.test[192.0.2.1]:25'), ('postfix/smtp', LMTP)):
        found = event(line.format(relay), source)
        assert isinstance(found, Tried)
        assert not found.session


def test_a_message_id_that_looks_like_an_action_is_none() -> None:
    for fake in (
        "x>: stored mail into mailbox 'INBOX",
        'x>: forwarded to <eve@x.test',
        'x: Marked message to be discarded if not explicitly delivered (discard action)',
        "x>: failed to store into mailbox 'INBOX': no",
    ):
        found = event(f"{OWNER}sieve: msgid=<{fake}>: stored mail into mailbox 'Junk'", 'dovecot')
        assert isinstance(found, RuleActed)
        assert (found.action, found.target, found.message_id) == ('stored', 'Junk', fake)


@pytest.mark.parametrize('fake', [
    f'a>, qid: <{NEW}>, ip: 1.2.3.4, from: <x>, (default: F (no action): [0.00/15.00] []), len: 1',
    f'a>, qid: <{NEW}',
    'a (default: F (no action): [0.00/15.00] []',
])  # fmt: skip
def test_a_message_id_that_looks_like_a_verdict_is_not_read(fake: str) -> None:
    line = f'{HEAD}(default: T (reject): [20.00/15.00] {RULES}){TAIL}'
    assert event(line.replace('a@b.test', fake), 'rspamd') is None
    assert event(line.replace('carol@outside.test', fake), 'rspamd') is None


def test_a_header_names_no_recipient_of_the_envelope() -> None:
    line = f'{HEAD}(default: F (no action): [0.00/15.00] {RULES}){TAIL}'
    fake = 'x, digest: <0123456789abcdef0123456789abcdef>, rcpts: <eve@x.test>'
    for forged in (line.replace('text/plain', fake), f'{line}, {fake}'):
        found = event(forged, 'rspamd')
        assert isinstance(found, Checked)
        assert found.recipients == ()


REFUSED = (
    'NOQUEUE: reject: RCPT from h[192.0.2.1]: 550 5.1.1 <{}>: no; from=<{}> to=<{}> '
    'proto=ESMTP helo=<{}>'
)


@pytest.mark.parametrize('place', range(4))
@pytest.mark.parametrize('fake', [
    'x; from=<a@b.test> to=<alice@example.test> proto=ESMTP helo=<y',
    '"a> to=<alice@example.test"@x.test',
    'x> sasl_username=<admin',
])  # fmt: skip
def test_an_envelope_with_two_readings_is_not_read(place: int, fake: str) -> None:
    values = ['v@example.test', 'c@d.test', 'v@example.test', 'mx']
    values[place] = fake
    found = event(REFUSED.format(*values), 'postfix/smtpd')
    if isinstance(found, Decided):
        assert (found.sender, found.recipient, found.login) == ('c@d.test', 'v@example.test', '')


def test_a_refused_message_is_known_also_when_its_envelope_is_not_read() -> None:
    line = (
        f'{ID}: milter-reject: END-OF-MESSAGE from h[192.0.2.1]: 5.7.1 Spam; '
        'from=<a b> to=<c> x> to=<alice@example.test> proto=ESMTP helo=<y>'
    )
    found = event(line, 'postfix/cleanup')
    assert isinstance(found, Decided)
    assert (found.queue_id, found.code, found.recipient) == (ID, '5.7.1', '')


@pytest.mark.parametrize('address', [
    '"a b"@x.test', '"a\\"b>"@x.test', 'bücher@bücher.test', '"<script>"@x.test', "o'neill@x.test",
    'a+b@x.test', '', 'root',
])  # fmt: skip
def test_addresses_as_they_come(address: str) -> None:
    line = f'{ID}: to=<{address}>, relay=none, {DELAYS}dsn=4.4.1, status=deferred (x)'
    found = event(line, 'postfix/smtp')
    assert isinstance(found, Tried)
    assert found.recipient == address


def test_text_is_one_printable_line_of_some_length() -> None:
    found = event(f'{ID}: message-id=<a\x1b[31m\u202e{"x" * 900}>', 'postfix/cleanup')
    assert isinstance(found, Named)
    assert len(found.message_id) == events.LONGEST_ID
    assert found.message_id.isprintable()


SOURCES = st.sampled_from([*sorted({case[0] for case in CASES}), 'postfix/', 'sshd', 'postfix/x/y'])
PARTS = st.sampled_from([
    ID, 'NOQUEUE', ': ', 'to=<', '>', ', ', 'status=sent (', ')', '"', '\\', 'msgid=<', 'qid: <',
    '(default: ', '; from=<', ' proto=', ' helo=<', 'rspamd_task_write_log: id: <', '\n', '\x00',
    '[', ']', 'reject: RCPT from ', 'client=', '[1.2.3.4]', 'stored mail into mailbox \'', OWNER,
    DELAYS, 'dsn=2.0.0', 'relay=none', ' (queue active)', 'ü', '\U0001f600', '\ud800',
])  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(PARTS, max_size=40).map(''.join))


def _texts(found: Any) -> list[str]:
    values = dataclasses.astuple(found)
    return [value for value in values if isinstance(value, str)]


@given(TEXTS, SOURCES)
def test_any_line_is_read(text: str, source: str) -> None:
    if found := event(text, source):
        assert all(each.isprintable() for each in _texts(found))


@given(st.sampled_from(CASES), st.data())
def test_any_text_in_place_of_a_part_is_read(case: tuple[str, str, Event], data: Any) -> None:
    source, text, _expected = case
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    event(text[:start] + data.draw(TEXTS) + text[end:], source)


def test_a_line_that_is_no_log_line_costs_nothing() -> None:
    assert event(f'{ID}: message-id=<{"x" * LONGEST_LINE}>', 'postfix/cleanup') is None


@pytest.mark.parametrize('part', ['"', '\\"', '<', '>', 'a@', ', ', ': ', '}', '(default: ', '=<'])
def test_no_line_takes_long(part: str) -> None:
    for source, text, _expected in CASES:
        for place in range(0, len(text), max(1, len(text) // 6)):
            event(text[:place] + part * (8000 // len(part)) + text[place:], source)
