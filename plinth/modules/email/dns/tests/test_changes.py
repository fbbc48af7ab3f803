# SPDX-License-Identifier: AGPL-3.0-or-later
"""The changes to make in a zone."""

import pathlib

import pytest

from ...errors import MailError
from ...health.dns_watch import message_about
from ...words.dns import SENTENCES
from .. import changes
from ..answer import Answer, DnsView, Question, Seen, Status
from ..changes import Values, ZoneChange, plan
from ..endpoints import load
from ..memory import Memory
from ..provider import Rfc2136
from ..records import Key, Site, wanted
from ..report import make

SITE = Site('a.test', 'a.test', ('192.0.2.1',), certificate_keys=('ab' * 32, 'cd' * 32))
RECORDS = wanted(SITE)
SECRET = 'MDEyMzQ1Njc4OWFiY2RlZg=='


def found(**values: Values) -> dict[Question, tuple[Status, Values]]:
    """A zone that holds nothing but these, by role."""
    held: dict[Question, tuple[Status, Values]] = {
        Question(record.name, record.kind): (Status.EMPTY, ()) for record in RECORDS
    }
    for record in RECORDS:
        if record.role in values:
            held[Question(record.name, record.kind)] = (Status.FOUND, values[record.role])
    return held


def planned(zone: dict[Question, tuple[Status, Values]], **settled: str) -> dict[str, ZoneChange]:
    """The plan by kind and name."""
    return {f'{c.kind} {c.name}': c for c in plan(RECORDS, settled, zone, 'a.test')}


def test_an_empty_zone_gets_everything() -> None:
    changes = planned(found())
    assert sum(len(change.added) for change in changes.values()) == len(RECORDS)
    assert len(changes['TLSA _25._tcp.a.test'].added) == 2
    assert not any(change.removed for change in changes.values())


def test_other_texts_at_the_domain_stay() -> None:
    held = found(spf=('v=spf1 ip4:192.0.2.9 -all', 'site-verification=1'))
    change = planned(held)['TXT a.test']
    assert change.removed == ('"v=spf1 ip4:192.0.2.9 -all"',)
    assert change.added == ('"v=spf1 mx ~all"',)


def test_what_is_right_in_its_own_way_stays() -> None:
    held = found(spf=('v=spf1 ip4:192.0.2.1 -all',))
    assert 'TXT a.test' not in planned(held, spf='spf-other')


def test_another_form_of_our_own_key_is_not_removed() -> None:
    held = {**found(), Question('_25._tcp.a.test', 'TLSA'): (Status.FOUND, ('2 1 1 ef',))}
    change = planned(held, **{'tlsa-0': 'right'})['TLSA _25._tcp.a.test']
    assert change.added == (f'3 1 1 {"cd" * 32}',)
    assert change.removed == ()
    change = planned(held, **{'tlsa-0': 'tlsa-other'})['TLSA _25._tcp.a.test']
    assert len(change.added) == 2
    assert change.removed == ('2 1 1 ef',)


def test_a_record_with_a_slip_gives_way_and_others_stay() -> None:
    held = found(dmarc=('v=dmarc1; p=none', 'a note'), spf=('"v=spf1 -all', 'spf1 is a word'))
    assert planned(held)['TXT _dmarc.a.test'].removed == ('"v=dmarc1; p=none"',)
    assert len(planned(held)['TXT a.test'].removed) == 1


def test_nothing_is_done_where_the_zone_was_not_read() -> None:
    held = found()
    held[Question('a.test', 'MX')] = (Status.SILENT, ())
    assert 'MX a.test' not in planned(held)


def test_nothing_is_done_outside_the_zone() -> None:
    elsewhere = wanted(Site('b.test', 'a.test', ('192.0.2.1',)))
    changes = plan(elsewhere, {}, dict.fromkeys(
        (Question(r.name, r.kind) for r in elsewhere), (Status.EMPTY, ())), 'b.test')  # fmt: skip
    assert all(change.name.endswith('b.test') for change in changes)


def test_an_alias_stands_alone() -> None:
    held = found()
    held[Question('autoconfig.a.test', 'A')] = (Status.FOUND, ('192.0.2.9',))
    held[Question('_dmarc.a.test', 'CNAME')] = (Status.FOUND, ('policy.other.test.',))
    held[Question('autoconfig.a.test', 'CNAME')] = (Status.EMPTY, ())
    changes = planned(held)
    assert changes['A autoconfig.a.test'].removed == ('192.0.2.9',)
    assert changes['CNAME _dmarc.a.test'].removed == ('policy.other.test.',)
    assert changes['TXT _dmarc.a.test'].added


def test_old_keys_of_certificates_go() -> None:
    old = f'3 1 1 {"ef" * 32}'
    held = found(**{'tlsa-0': (f'3 1 1 {"ab" * 32}', f'3 1 1 {"cd" * 32}', old)})
    assert planned(held, **{'tlsa-0': 'tlsa-more', 'tlsa-1': 'tlsa-more'})[
        'TLSA _25._tcp.a.test'
    ] == ZoneChange('_25._tcp.a.test', 'TLSA', (old,))


@pytest.mark.parametrize(
    ('wrong', 'code'),
    [
        ({'server': 'ns.test'}, 'server-invalid'),
        ({'zone': 'a b'}, 'domain-invalid'),
        ({'key_name': 'x\ny'}, 'key-name-invalid'),
        ({'secret': 'short'}, 'secret-invalid'),
        ({'secret': 'AAAA'}, 'secret-invalid'),
        ({'algorithm': 'hmac-md5'}, 'algorithm-invalid'),
        ({'port': 0}, 'port-invalid'),
    ],
)
def test_a_name_server_is_checked(wrong: dict[str, str], code: str) -> None:
    right = {'zone': 'a.test', 'server': '192.0.2.53', 'key_name': 'k', 'secret': SECRET}
    with pytest.raises(MailError) as raised:
        Rfc2136(**{**right, **wrong})  # type: ignore[arg-type]
    assert raised.value.code == code


def test_reports_are_kept_and_forgotten(tmp_path: pathlib.Path) -> None:
    memory, report = Memory(tmp_path), make(SITE, Seen(), None)
    assert memory.latest('a.test') is None
    memory.keep(report)
    memory.keep_told(report)
    memory.keep_addresses(['198.51.100.7'])
    assert memory.addresses() == ('198.51.100.7',)
    assert memory.latest('a.test') == report
    assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o644] * 3
    memory.forget_others(['b.test'])
    assert [path.name for path in tmp_path.iterdir()] == ['addresses']
    (tmp_path / 'addresses').write_text('["no address"]')
    assert memory.addresses() == ()


@pytest.mark.parametrize('text', ['', '{', '[]', '{"format": 1}', 'null'])
def test_a_spoilt_report_is_none(tmp_path: pathlib.Path, text: str) -> None:
    (tmp_path / 'a.test.json').write_text(text)
    assert Memory(tmp_path).latest('a.test') is None


def test_a_name_never_leads_out_of_the_folder(tmp_path: pathlib.Path) -> None:
    with pytest.raises(MailError):
        Memory(tmp_path).latest('../../etc/passwd')


def test_places_of_our_own_can_be_read() -> None:
    root = pathlib.Path(__file__).parents[5]
    shipped = root / 'data/usr/share/freedombox-email/places.json'
    assert load((str(shipped),)).block_lists
    assert load(('/nonexistent',)).block_lists == ()


def test_the_letter_names_what_changed() -> None:
    from ..report import changes

    news = changes(None, make(SITE, Seen(resolver_answers=True), None))
    text = message_about(SITE, news, 2).as_string()
    assert 'To: postmaster@a.test' in text
    assert 'Subject: [FreedomBox] DNS check for a.test: 2 problems' in text
    assert 'Domain registration and name servers: Broken (before: OK)' in text
    assert 'a.test: 1 problem\n' in message_about(SITE, news, 1).as_string()
    assert 'a.test: no problems\n' in message_about(SITE, news, 0).as_string()


def test_the_letter_has_the_records_to_enter() -> None:
    from ..report import changes

    key = Key('2026-11-rsa', 'QUJD', stage='next')
    site = Site('a.test', 'a.test', keys=(key,))
    none = DnsView((Answer(Status.NONE),), Answer(Status.NONE))
    place = Question('2026-11-rsa._domainkey.a.test', 'TXT')
    made = make(site, Seen(resolver_answers=True, views={place: none}), None)
    assert made.verdicts['dkim-2026-11-rsa'].code == 'missing-next'
    text = message_about(site, changes(None, made), 1).get_content()
    assert '* Next signing key (DKIM, RSA): Warning' in text
    assert '  2026-11-rsa._domainkey.a.test. TXT "v=DKIM1; k=rsa; p=QUJD"' in text


def test_a_record_stays_whatever_mail_apps_find_there() -> None:
    said = {code for code in SENTENCES if code.startswith('setup-')}
    of_no_record = {'setup-absent', 'setup-none', 'setup-warns'}
    assert said - of_no_record <= changes._SETTLED
