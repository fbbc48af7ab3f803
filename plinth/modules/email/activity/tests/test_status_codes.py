# SPDX-License-Identifier: AGPL-3.0-or-later
"""Answers of mail servers, as they come, and what they mean."""

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.activity import status_codes
from plinth.modules.email.activity.status_codes import Explanation, StatusTable, parse, table
from plinth.modules.email.words.status_codes import FAULTS, MEANINGS

OURS = Path(__file__).parents[5] / 'data/usr/share/freedombox-email/status-codes.json'
RAW = json.loads(OURS.read_text(encoding='utf-8'))
TABLE = parse(OURS.read_text(encoding='utf-8'))
GMAIL = 'gmail-smtp-in.l.google.com[142.251.5.27]:25'
OUTLOOK = 'outlook-com.olc.protection.outlook.com[52.101.68.2]:25'
OFFICE = 'z-test.mail.protection.outlook.com[52.101.73.1]:25'
YAHOO = 'mta5.am0.yahoodns.net[67.195.228.106]:25'
GMX, WEB = 'mx01.emig.gmx.net[212.227.17.5]:25', 'mx-ha02.web.de[212.227.17.8]:25'
APPLE = 'mx01.mail.icloud.com[17.57.156.30]:25'


@pytest.mark.parametrize(('relay', 'code', 'text', 'meaning'), [
    (GMAIL, '5.7.26', 'host gmail-smtp-in.l.google.com[142.251.5.27] said: 550-5.7.26 Your email '
     'has been blocked because the sender is unauthenticated. (in reply to end of DATA command)',
     'not-authenticated'),
    (GMAIL, '5.7.25', 'x said: 550-5.7.25 The IP address sending this message does not have a PTR '
     'record setup', 'no-reverse-name'),
    (GMAIL, '4.7.28', 'x said: 421-4.7.28 Gmail has detected an unusual rate of unsolicited mail',
     'too-many-messages'),
    (GMAIL, '5.1.1', 'x said: 550-5.1.1 The email account that you tried to reach does not exist.',
     'no-such-address'),
    (GMAIL, '5.2.2', "x said: 552-5.2.2 The recipient's inbox is out of storage space.",
     'mailbox-full'),
    (GMAIL, '5.7.1', 'x said: 550-5.7.1 Our system has detected that this message is likely '
     'unsolicited mail.', 'spam'),
    (GMAIL, '5.7.1', 'x said: 550-5.7.1 Messages missing a valid Message-ID header are not '
     'accepted. RFC 5322', 'header-form'),
    (OUTLOOK, '5.7.515', 'x said: 550 5.7.515 Access denied, sending domain EXAMPLE.TEST does not '
     'meet the required authentication level.', 'not-authenticated'),
    (OUTLOOK, '5.7.1', 'x said: 550 5.7.1 Unfortunately, messages from [192.0.2.1] weren\'t sent. '
     'Please contact your Internet service provider since part of their network is on our block '
     'list (S3140).', 'block-list'),
    (OUTLOOK, '5.5.0', 'x said: 550 5.5.0 Requested action not taken: mailbox unavailable (S2017062'
     '302).', 'no-such-address'),
    (OFFICE, '5.4.1', 'x said: 550 5.4.1 Recipient address rejected: Access denied. AS(201806281)',
     'no-such-address'),
    (OFFICE, '4.7.500', 'x said: 451 4.7.500 Server busy. Please try again later',
     'too-many-messages'),
    (YAHOO, '4.7.0', 'x said: 421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due '
     'to unexpected volume or user complaints', 'too-many-messages'),
    (YAHOO, '5.7.1', 'x said: 553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, '
     "because the ip is in Spamhaus's list", 'block-list'),
    (YAHOO, '5.0.0', "x said: 554 delivery error: dd This user doesn't have a yahoo.com account",
     'no-such-address'),
    (GMX, '5.0.0', 'x refused to talk to me: 554-gmx.net (mxgmx104) Nemesis ESMTP Service not '
     'available 554-No SMTP service 554-IP address is block listed.', 'block-list'),
    (GMX, '5.0.0', 'x refused to talk to me: 554-gmx.net 554-Bad DNS PTR resource record.',
     'no-reverse-name'),
    (WEB, '5.0.0', 'x said: 550 Requested action not taken: mailbox unavailable',
     'no-such-address'),
    (WEB, '4.0.0', 'x said: 421 Rate limit reached. Please try again later', 'too-many-messages'),
    ('none', '5.0.0', 'host mx00.t-online.de[194.25.134.8] refused to talk to me: 554 IP=192.0.2.1 '
     '- None/bad reputation. Ask your postmaster for help or to contact tobr@rx.t-online.de for '
     'reset. (NOWL)', 'unknown-server'),
    ('none', '5.0.0', 'host mx03.t-online.de[194.25.134.9] refused to talk to me: 554 IP=192.0.2.1 '
     '- Dialup/transient IP not allowed. Use a mailgateway. (DIAL)', 'dynamic-address'),
    (APPLE, '5.7.1', 'x said: 550 5.7.1 [CS01] Message rejected due to local policy.', 'spam'),
    (APPLE, '5.7.1', 'x said: 554 5.7.1 [HM08] Message rejected due to local policy.',
     'reputation'),
    ('mx.z.test[192.0.2.1]:25', '5.7.1', 'x said: 554 5.7.1 Service unavailable; Client host '
     '[192.0.2.1] blocked using zen.spamhaus.org', 'block-list'),
    ('mx.z.test[192.0.2.1]:25', '4.2.0', 'x said: 450 4.2.0 <b@z.test>: Recipient address '
     'rejected: Greylisted', 'try-again'),
    ('mx.z.test[192.0.2.1]:25', '5.1.1', 'x said: 550 5.1.1 <spam@z.test>: User unknown',
     'no-such-address'),
    ('mx.z.test[192.0.2.1]:25', '5.0.0', 'x said: 550 <spam@z.test>: User unknown',
     'no-such-address'),
    ('mx.z.test[192.0.2.1]:25', '5.3.4', 'x said: 552 5.3.4 Message size exceeds fixed limit',
     'too-large'),
    ('none', '4.4.1', 'connect to z.test[192.0.2.1]:25: Connection timed out', 'no-answer'),
    ('none', '5.1.0', 'Domain z.test does not accept mail (nullMX)', 'accepts-no-mail'),
    ('mx.z.test[192.0.2.1]:25', '4.7.5', 'Server certificate not trusted', 'certificate'),
    ('mx.z.test[192.0.2.1]:25', '5.7.12', 'x said: 550 5.7.12 Sender refused', 'not-allowed'),
])  # fmt: skip
def test_an_answer_means(relay: str, code: str, text: str, meaning: str) -> None:
    found = TABLE.explain(code, text, relay)
    assert found is not None
    assert found.meaning == meaning


@pytest.mark.parametrize(('code', 'text'), [
    ('5.0.0', 'x said: 550 computer says no'), ('', ''), ('5.0.0', 'x said: 554 5.0.0 '),
    ('2.0.0', '250 ok'),
])  # fmt: skip
def test_an_unknown_answer_has_no_meaning(code: str, text: str) -> None:
    assert TABLE.explain(code, text, 'mx.z.test[192.0.2.1]:25') is None


def test_a_providers_rule_is_about_its_own_hosts() -> None:
    text = 'x said: 421 4.0.0 [TSS04] later'
    for relay in ('yahoodns.net.evil.test[192.0.2.1]:25', 'notyahoodns.net[192.0.2.1]:25', 'none'):
        assert TABLE.explain('4.0.0', text, relay) is None


def test_each_meaning_has_sentences_and_a_rule() -> None:
    assert set(RAW['meanings']) == set(MEANINGS)
    assert {rule.explanation.meaning for rule in TABLE.rules} == set(MEANINGS)
    assert {each['fault'] for each in RAW['meanings'].values()} == set(FAULTS)
    assert {each['source'] for each in RAW['rules']} <= set(RAW['sources'])


def test_each_sentence_is_one() -> None:
    for sentence in [text for pair in MEANINGS.values() for text in pair]:
        assert re.fullmatch(r'[A-Z].*\.', sentence)
        assert all(len(part.split()) <= 22 for part in sentence.split('. ')), sentence


@pytest.mark.parametrize('text', [
    '', '[]', '{}', 'x', '{"rules": [{}], "meanings": {}, "sources": {}, "hosts": {}}',
    json.dumps({**RAW, 'rules': [{'meaning': 'spam', 'source': 'iana'}]}),
    json.dumps({**RAW, 'rules': [{'meaning': 'spam', 'source': 'iana', 'code': '9.1.1'}]}),
    json.dumps({**RAW, 'rules': [{'meaning': 'spam', 'source': 'iana', 'text': '('}]}),
    json.dumps({**RAW, 'rules': [{'meaning': 'spam', 'source': 'iana', 'text': 'x', 'at': 'x'}]}),
    json.dumps({**RAW, 'sources': dict.fromkeys(RAW['sources'], 'javascript:x')}),
])  # fmt: skip
def test_a_table_that_is_none(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of json too
        parse(text)


def test_the_administrators_table_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / 'own.json'
    monkeypatch.setattr(status_codes, 'FILES', (own, OURS))
    assert table() == TABLE
    rule = {'meaning': 'spam', 'source': 'iana', 'code': '5.9.9'}
    own.write_text(json.dumps({**RAW, 'rules': [rule]}), encoding='utf-8')
    found = table().explain('5.9.9', '')
    assert found == Explanation('spam', 'message', '', RAW['sources']['iana'])


@given(st.text(), st.text(), st.text())
def test_any_answer_is_looked_at(code: str, text: str, relay: str) -> None:
    TABLE.explain(code, text, relay)


@pytest.mark.parametrize('part', ['a', '.', '<', ' ', 'policy of ', 'quota ', 'conversation with '])
def test_no_answer_takes_long(part: str) -> None:
    begin = time.process_time()
    TABLE.explain('5.0.0', f'x said: {part * (400 // len(part))}', YAHOO)
    assert time.process_time() - begin < 0.5


def test_a_table_without_rules_explains_nothing() -> None:
    assert StatusTable(()).explain('5.1.1', 'x') is None
