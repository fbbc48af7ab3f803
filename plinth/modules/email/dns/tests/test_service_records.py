# SPDX-License-Identifier: AGPL-3.0-or-later
"""Records of services, certificates and authorities: which are right, and which are not."""

from dataclasses import replace
from typing import Any

import pytest

from ..answer import Dnssec, DnsView, Question, Seen
from ..compare import compare
from ..records import Site, wanted
from .test_compare import SITE, answers, verdict

KEY, OTHER = SITE.certificate_keys[0], 'cd' * 32
NEXT = replace(SITE, certificate_keys=(KEY, OTHER))


@pytest.mark.parametrize(
    ('values', 'state'),
    [
        (('0 1 993 a.test.',), 'works'),
        (('10 5 993 A.Test.',), 'works'),
        (('0 1 993 b.test.',), 'look'),
        (('0 1 994 a.test.',), 'look'),
        (('0 0 0 .',), 'look'),
    ],
)
def test_services(values: tuple[str, ...], state: str) -> None:
    assert verdict('srv-imaps', answers(*values)).state == state


@pytest.mark.parametrize(
    ('values', 'state'),
    [
        (('0 issue "letsencrypt.org"',), 'works'),
        (('0 issue "ca.test"', '0 ISSUE "LetsEncrypt.org"'), 'works'),
        (('0 iodef "mailto:a@b.test"',), 'works'),
        (('0 issuewild ";"',), 'works'),
        (('0 issue "ca.test"',), 'broken'),
        (('0 issue ";"',), 'broken'),
        (('0 issue "notletsencrypt.org"',), 'broken'),
    ],
)
def test_authorities(values: tuple[str, ...], state: str) -> None:
    assert verdict('caa', answers(*values)).state == state


@pytest.mark.parametrize(
    ('own', 'above', 'state'),
    [((), 'ca.test', 'broken'), ((), 'letsencrypt.org', 'works'), (('letsencrypt.org',), 'ca.test',
     'works'), (('ca.test',), 'letsencrypt.org', 'broken')],
)  # fmt: skip
def test_the_authorities_of_the_domain_above_count_where_there_are_none(
    own: tuple[str, ...], above: str, state: str
) -> None:
    site = Site('mail.a.test', 'a.test')
    (record,) = [each for each in wanted(site) if each.role == 'caa']
    said = {name: answers(*(f'0 issue "{ca}"' for ca in found))
            for name, found in (('mail.a.test', own), ('a.test', (above,)))}  # fmt: skip
    views = {Question(name, 'CAA'): DnsView((each,), each) for name, each in said.items()}
    assert compare(record, site, Seen(views=views)).state == state


@pytest.mark.parametrize(
    ('values', 'states'),
    [
        ((KEY,), ('works', 'look')),
        ((KEY.upper(), OTHER), ('works', 'works')),
        ((OTHER,), ('broken', 'works')),
        (('ef' * 32,), ('broken', 'broken')),
    ],
    ids=['only the present key', 'both keys', 'only the next key', 'another key'],
)
def test_keys_of_certificates(values: tuple[str, ...], states: tuple[str, ...]) -> None:
    signed: Any = dict.fromkeys(
        (name for name in ('dnssec', 'dnssec_of_host') if hasattr(Seen(), name)), Dnssec.SIGNED
    )
    records = [each for each in wanted(NEXT) if each.role.startswith('tlsa-')]
    said = answers(*(f'3 1 1 {key}' for key in values))
    seen = Seen(views={Question(records[0].name, 'TLSA'): DnsView((said,), said)}, **signed)
    assert tuple(compare(each, NEXT, seen).state for each in records) == states
