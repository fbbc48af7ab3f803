# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each record of the table gets the verdict that its RFC gives it."""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from ...system import certificates
from ...words.dns import sentence
from .. import look, propagation, tlsa
from ..answer import Dnssec, Seen
from ..compare import compare
from ..endpoints import Places
from ..keys import RIGHT
from ..records import Key, Record, Site, wanted
from .table import BASE, CASES, RSA_KEY, Case, filled
from .zones import ZoneAsker

BOX, SIX = '198.18.3.10', '2001:db8::10'
WORKING = {
    'right', 'mx-more', 'spf-other', 'dmarc-stricter', 'dmarc-inherited', 'tlsa-more',
    'dmarc-reports-elsewhere', 'dmarc-as-none',
}  # fmt: skip
UNKNOWN = {'spf-unknown', 'tlsa-unknown', 'caa-account'}


def certificate(name: str, issuer: str, signer: ec.EllipticCurvePrivateKey,
                key: ec.EllipticCurvePrivateKey) -> x509.Certificate:  # fmt: skip
    """A certificate signed by an authority."""
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, issuer)]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return (
        x509.CertificateBuilder().subject_name(names[0]).issuer_name(names[1])
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(now).not_valid_after(now + timedelta(days=90))
        .sign(signer, hashes.SHA256())
    )  # fmt: skip


AUTHORITY_KEY, OWN_KEY = (ec.generate_private_key(ec.SECP256R1()) for _each in range(2))
CHAIN = (
    certificate('example.test', 'authority', AUTHORITY_KEY, OWN_KEY),
    certificate('authority', 'authority', AUTHORITY_KEY, AUTHORITY_KEY),
)


def spki(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def sum256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


PEM = b''.join(each.public_bytes(Encoding.PEM) for each in CHAIN)
NEXT = sum256(b'the key of the next certificate')
SUMS: Mapping[str, str] = {
    'key': spki(OWN_KEY).hex(),
    'key256': sum256(spki(OWN_KEY)),
    'key512': hashlib.sha512(spki(OWN_KEY)).hexdigest(),
    'cert256': sum256(CHAIN[0].public_bytes(Encoding.DER)),
    'issuer256': sum256(spki(AUTHORITY_KEY)),
    'next256': NEXT,
    'foreign256': sum256(b'another key'),
}


def site(case: Case) -> Site:
    """The box, as a case wants it."""
    policy = next(iter(case.given & {'none', 'quarantine', 'reject'}), 'none')
    stage = next(iter(case.given & {'next', 'old'}), 'live')
    return Site(
        'mail.example.test' if 'below' in case.given else 'example.test',
        'example.test',
        (BOX, SIX) if 'six' in case.given else (BOX,),
        (Key('k', RSA_KEY, stage=stage),),
        (SUMS['key256'], NEXT),
        dmarc_policy=policy,
        certificate_forms=tlsa.forms(certificates.read('', PEM).chain),
    )


def zone(case: Case, box: Site) -> str:
    """The text of the zone: the lines of a case, and those of the base it does not replace."""
    lines = [filled(each, {**SUMS, 'id': box.policy_id}) for each in case.zone]
    taken = {tuple(line.split(None, 2)[:2]) for line in lines}
    base = [each for each in BASE.splitlines() if tuple(each.split(None, 2)[:2]) not in taken]
    return '\n'.join([*lines, *base])


def seen(case: Case, box: Site) -> tuple[Record, Seen]:
    """The name and kind to look up for the record of a case."""
    records = wanted(box)
    silent = 'other.test' if 'silent' in case.given else 'nowhere.invalid'
    asker = ZoneAsker(text=zone(case, box), silent=silent)
    work = look.Look(box, records, Places(), asker)

    async def run() -> Seen:
        asked = look.questions(box, records)
        await work._from_resolver(asked)
        await work._mail_hosts(work.result(), asked)
        await work._spf(box.addresses, work.result())
        return work.result()

    state = next((each for each in Dnssec if each.value in case.given), Dnssec.UNKNOWN)
    work.seen['dnssec_of_host'] = state
    return next(each for each in records if each.role == case.role), asyncio.run(run())


@pytest.mark.parametrize('case', CASES, ids=lambda case: f'{case.section}: {"; ".join(case.zone)}')
def test_a_record_gets_the_verdict_of_its_rfc(case: Case) -> None:
    box = site(case)
    record, looked = seen(case, box)
    found = compare(record, box, looked)
    assert found.code == case.code, case
    expected = 'works' if found.code in WORKING else 'unknown' if found.code in UNKNOWN else ''
    assert found.state == expected or (not expected and found.state in ('look', 'broken'))
    assert all(found.params.values()), 'a sentence without its name'
    assert '{' not in sentence(found)


def test_there_are_enough_cases_of_each_kind_and_each_has_a_section() -> None:
    assert len(CASES) >= 150
    assert all(case.section.startswith('RFC ') for case in CASES)
    assert len(set(CASES)) == len(CASES)


@pytest.mark.parametrize('case', [each for each in CASES if each.role == 'dkim-k'])
def test_the_witness_of_keys_and_the_page_agree(case: Case) -> None:
    box = site(case)
    record, found = seen(case, box)
    answer = found.view(record.name, 'TXT').best
    tally = propagation._Tally(('ns',))
    tally.note('ns', answer, box.keys[0])
    is_right = compare(record, box, found).code == RIGHT
    assert tally.sight().is_everywhere is is_right
    assert tally.sight().is_nowhere is case.code.startswith('missing')
