# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports other mail servers mail to the box: read in a cage, kept, shown, and advising."""

import gzip
import json
import re
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from lab import settings
from plinth.modules.email.reports.tests import samples
from tests.conftest import Host

from . import mail

DOMAIN = settings.DOMAINS[0]
ADDRESS = f'mail-reports@{DOMAIN}'
SENDER = f'noreply@{settings.OUTSIDE_DOMAIN}'
SPOOL = '/var/spool/freedombox-email/reports'
STORE = '/var/lib/freedombox-email-reports'
PAGE = '/freedombox/apps/email/domains/at/{}/reports/'
UNIT = 'freedombox-email-reports.service'
YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).replace(hour=0, minute=0, second=0)


@pytest.fixture(autouse=True)
def _nothing_kept(box: Host) -> Iterator[None]:
    """Begin without reports, and leave none."""
    forget(box)
    yield
    forget(box)


def forget(box: Host) -> None:
    """Remove everything that was read or waits to be read, and what was chosen."""
    box.run('systemctl', 'stop', 'freedombox-email-reports.timer', UNIT)
    box.run('find', STORE, f'{SPOOL}/new', f'{SPOOL}/cur', '-type', 'f', '-delete')
    box.run('freedombox-email', 'domain', 'change', DOMAIN, '--dmarc', 'none')


def letter(content: bytes, recipient: str = ADDRESS) -> EmailMessage:
    """A mail with a report, made of what a mail is made of here."""
    made = samples.letter(content, recipient, SENDER)
    for name, value in mail.message(SENDER, recipient).items():
        if name not in made and not name.startswith(('Content', 'MIME')):
            made[name] = value
    return made


def read(
    box: Host, *letters: EmailMessage, envelope: str = '', refused_is_fine: bool = False
) -> list[dict[str, object]]:
    """Bring mails to the box, have them read, and return the lines kept of them."""
    for each in letters:
        try:
            mail.deliver(box.ip, each, sender=envelope or SENDER)
        except smtplib.SMTPResponseException:
            if not refused_is_fine:
                raise
            return []
    mail.until(
        'the reports to be put aside',
        lambda: len(box.run('ls', f'{SPOOL}/new').split()) == len(letters),
        30,
    )
    box.run('systemctl', 'start', UNIT)
    assert box.run('ls', f'{SPOOL}/new', f'{SPOOL}/cur').split() == [
        f'{SPOOL}/cur:', f'{SPOOL}/new:',
    ]  # fmt: skip
    text = box.run('find', STORE, '-name', '*.jsonl', '-exec', 'cat', '{}', '+')
    return [json.loads(line) for line in text.splitlines()]


def told(box: Host) -> dict[str, Any]:
    """The output of the command about the reports."""
    found: dict[str, Any] = json.loads(box.run('freedombox-email', 'reports', DOMAIN, '--json'))
    return found


def page(box: Host, domain: str = DOMAIN) -> str:
    """The text of a domain's page, without its markup."""
    found = box.browser().get(PAGE.format(domain))
    assert found.status == 200
    return re.sub(r'\s+', ' ', re.sub(r'<[^>]*>', ' ', found.text))


def test_a_report_is_read_and_shown(box: Host) -> None:
    rows = [(box.ip, 40, True, True, True), ('192.0.2.66', 3, False, False, False)]
    (line,) = read(box, letter(gzip.compress(samples.dmarc(rows, YESTERDAY))))
    assert (line['kind'], line['sender']) == ('dmarc', settings.OUTSIDE_DOMAIN)
    text = page(box)
    assert '40 of 43 messages passed' in text
    assert f'{box.ip} FreedomBox · SPF 40, DKIM 40 40 messages Passed' in text
    assert '192.0.2.66 unknown sender · SPF 0, DKIM 0 3 messages Failed' in text
    assert 'No problems so far.' in text
    said = told(box)
    assert (said['mail']['passing'], said['mail']['messages'], said['reports']) == (40, 43, 1)
    assert [each['who'] for each in said['mail']['sources']] == ['own', 'stranger']
    assert said['mail']['sentence'] in text


def test_both_kinds_in_all_their_wrappings(box: Host) -> None:
    kinds = [
        samples.dmarc(begin=YESTERDAY, report_id='plain'),
        samples.zipped(samples.dmarc(begin=YESTERDAY, report_id='zip')),
        gzip.compress(samples.tls(begin=YESTERDAY, report_id='gzip')),
        samples.tls(6, 1, YESTERDAY, 'plain'),
    ]
    lines = read(box, *map(letter, kinds))
    assert sorted((str(line['kind']), str(line['id'])) for line in lines) == [
        ('dmarc', 'plain'), ('dmarc', 'zip'), ('tls', 'gzip'), ('tls', 'plain'),
    ]  # fmt: skip
    text = page(box)
    assert '13 of 14 deliveries to you were encrypted' in text
    assert 'the certificate has expired' in text
    assert told(box)['encryption']['reasons'] == {'certificate-expired': 1}


def test_what_is_no_honest_report_is_counted(box: Host) -> None:
    bad = [
        samples.bomb(),
        b'garbage',
        b'<feedback>&b;</feedback>',
        samples.zipped(samples.dmarc(begin=YESTERDAY), b'another'),
        gzip.compress(samples.dmarc(begin=YESTERDAY, domain=settings.DOMAINS[1])),
        gzip.compress(samples.dmarc(begin=YESTERDAY - timedelta(days=400))),
    ]
    lines = read(box, *map(letter, bad))
    assert sorted(str(line['code']) for line in lines) == [
        'report-bomb', 'report-dated', 'report-garbage', 'report-many', 'report-none',
        'report-other',
    ]  # fmt: skip
    assert 'malformed archive' in page(box)
    lines_for_people = box.run('freedombox-email', 'reports', DOMAIN).splitlines()
    assert lines_for_people[0] == f'No reports have arrived at {ADDRESS} yet.'
    assert 'Ignored: 1 x malformed archive' in lines_for_people


ENVELOPES = {
    'VERP': f'bounces+1=mail-reports=example.test@{settings.OUTSIDE_DOMAIN}',
    'BATV': f'prvs=0123abcdef=noreply@{settings.OUTSIDE_DOMAIN}',
    'SRS': f'SRS0=HHHH=TT=elsewhere.test=noreply@{settings.OUTSIDE_DOMAIN}',
}


@pytest.mark.parametrize('envelope', ENVELOPES.values(), ids=ENVELOPES)
def test_any_envelope_of_a_proven_sender_will_do(box: Host, envelope: str) -> None:
    sent = letter(gzip.compress(samples.dmarc(begin=YESTERDAY)) + b'\r\n')
    lines = read(box, sent, envelope=envelope)
    assert [line.get('code', line['kind']) for line in lines] == ['dmarc']


INJECTED = f'dmarc=pass header.from={settings.OUTSIDE_DOMAIN}'


@pytest.mark.parametrize(
    'local',
    [f'"x; {INJECTED} "', f'"x\\"; {INJECTED}; y=\\""', '"x\\\\"', f'"x) ; {INJECTED} (y"',
     f'"x smtp.mailfrom=a@{settings.OUTSIDE_DOMAIN} "'],
)  # fmt: skip
def test_an_envelope_says_nothing_of_who_sent(box: Host, local: str) -> None:
    forged = letter(gzip.compress(samples.dmarc(begin=YESTERDAY)))
    lines = read(box, forged, envelope=f'{local}@builtin.test', refused_is_fine=True)
    assert [line.get('code', line['kind']) for line in lines] in ([], ['report-unproven'])


@pytest.mark.journal_may_say(r'freedombox-email-reports\.service')
@pytest.mark.journal_may_say(r'Failed to start freedombox-email-reports')
def test_on_a_full_disk_a_report_waits(box: Host) -> None:
    """A few pages of memory stand in place of the disk, and all are used."""
    owner = box.run('stat', '-c', 'uid=%u,gid=%g', STORE).strip()
    box.run('mount', '-t', 'tmpfs', '-o', f'size=16k,mode=0750,{owner}', 'tmpfs', STORE)
    try:
        box.run('dd', 'if=/dev/zero', f'of={STORE}/filler', 'bs=4k', 'count=4', 'status=none')
        mail.deliver(box.ip, letter(gzip.compress(samples.dmarc(begin=YESTERDAY))))
        mail.until('the report', lambda: bool(box.run('ls', f'{SPOOL}/new').strip()), 30)
        assert not box.succeeds('systemctl', 'start', UNIT), 'nobody would hear of the full disk'
        assert len(box.run('ls', f'{SPOOL}/new').split()) == 1, 'the report is lost'
    finally:
        box.run('umount', STORE)
    box.run('systemctl', 'reset-failed', UNIT)
    box.run('systemctl', 'start', UNIT)
    lines = box.run('find', STORE, '-name', '*.jsonl', '-exec', 'cat', '{}', '+').splitlines()
    assert [json.loads(line)['kind'] for line in lines] == ['dmarc']


def test_a_report_counts_once(box: Host) -> None:
    again = samples.dmarc(begin=YESTERDAY)
    lines = read(box, letter(again), letter(again))
    assert [line.get('code', line['kind']) for line in lines] == ['dmarc', 'report-twice']


@pytest.mark.parametrize('sender', ['noreply@forged.test', f'noreply@sub.{DOMAIN}.evil.test'])
def test_a_report_in_another_persons_name_does_not_count(box: Host, sender: str) -> None:
    forged = letter(gzip.compress(samples.dmarc(begin=YESTERDAY)))
    del forged['From']
    forged['From'] = sender
    forged['Authentication-Results'] = f'{DOMAIN}; dmarc=pass header.from=forged.test'
    lines = read(box, forged)
    assert [line['code'] for line in lines] == ['report-unproven']


def test_a_user_cannot_forge_one(box: Host) -> None:
    alice = settings.USERS[0]
    forged = letter(gzip.compress(samples.dmarc(begin=YESTERDAY)))
    del forged['From']
    forged['From'] = alice.address
    forged['Authentication-Results'] = f'{DOMAIN}; dmarc=pass header.from={DOMAIN}'
    mail.submit(box.ip, alice, forged)
    mail.until('the report', lambda: bool(box.run('ls', f'{SPOOL}/new').strip()), 30)
    box.run('systemctl', 'start', UNIT)
    assert 'report-unproven' in box.run(
        'find', STORE, '-name', '*aside*', '-exec', 'cat', '{}', '+'
    )


def test_a_report_that_breaks_the_reader_is_not_read_again(box: Host) -> None:
    """Found in `cur` is what was being read when the reader was killed."""
    name = f'{SPOOL}/cur/killer'
    box.run('tee', name, stdin=samples.arrived(letter(samples.dmarc(begin=YESTERDAY))))
    box.run('chown', 'fbx-mail-reports:', name)
    lines = read(box, letter(samples.dmarc(begin=YESTERDAY, report_id='after')))
    assert sorted(str(line.get('code', line['kind'])) for line in lines) == [
        'dmarc', 'report-crashed',
    ]  # fmt: skip


def test_the_address_is_there_in_every_domain_and_for_no_one_else(box: Host) -> None:
    known = [ADDRESS, ADDRESS.upper(), f'mail-reports@{settings.DOMAINS[1]}']
    assert mail.ask(box.ip, *known) == [250] * 3
    assert mail.ask(box.ip, 'reader@reports.invalid') == [554]
    shown = json.loads(box.run('freedombox-email', 'resolve', ADDRESS, '--json'))
    assert shown['path']['accepted']
    assert shown['path']['agrees']


def test_an_alias_of_that_name_goes_first(box: Host) -> None:
    box.run('freedombox-email', 'alias', 'add', ADDRESS, settings.USERS[1].address)
    try:
        sent = mail.message(SENDER, ADDRESS)
        mail.deliver(box.ip, sent)
        mail.wait_for(box.ip, settings.USERS[1], sent)
    finally:
        box.run('freedombox-email', 'alias', 'remove', ADDRESS, '--force')


def test_the_reader_is_caged(box: Host) -> None:
    shown = box.run('systemd-analyze', 'security', '--no-pager', UNIT)
    exposure = float(re.findall(r'Overall exposure level for \S+: ([\d.]+)', shown)[0])
    assert exposure < 2


def test_two_good_weeks_propose_the_next_step(box: Host) -> None:
    letters = [
        letter(gzip.compress(
            samples.dmarc([(box.ip, 9, True, True, True)], YESTERDAY - timedelta(days=day),
                          f'{day}')))
        for day in range(16)
    ]  # fmt: skip
    read(box, *letters)
    assert 'only 14 reports in two weeks (senders: 1)' in page(box)
    add_second_receiver(box)
    text = page(box)
    assert 'to treat spoofed mail as spam.' in text
    assert f'v=DMARC1; p=quarantine; rua=mailto:{ADDRESS}' in text
    browser = box.browser()
    shown = browser.get(PAGE.format(DOMAIN))
    browser.submit(shown, shown.form(button='dmarc'), dmarc='quarantine')
    records = json.loads(box.run('freedombox-email', 'dns', 'show', DOMAIN, '--json'))['records']
    (wanted,) = [each['value'] for each in records if each['role'] == 'dmarc']
    assert wanted == f'v=DMARC1; p=quarantine; rua=mailto:{ADDRESS}'
    assert 'No problems so far. The policy can become stricter after 14 more days' in page(box)


def add_second_receiver(box: Host) -> None:
    """Keep a report of another receiver's, as its file would hold it."""
    name = box.run('find', STORE, '-name', f'{YESTERDAY:%Y-%m}.jsonl').strip()
    line = json.loads(box.run('head', '-n1', name))
    other = json.dumps({**line, 'sender': 'elsewhere.test'})
    box.run('tee', '-a', name, stdin=f'{other}\n')
