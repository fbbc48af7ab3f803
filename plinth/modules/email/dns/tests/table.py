# SPDX-License-Identifier: AGPL-3.0-or-later
# ruff: noqa: E501 (a table has long lines)
"""Records as they are met, the verdict on each, and the section of the RFC it follows from.

Each line of `TABLE` is a case. Its columns are the record that is judged, what else is so, the
zone, the code of the verdict and the section. The box is example.test with the address
198.18.3.10, which has that name in turn. Its zone is `BASE`, but for the names and kinds that a
case has records of its own for. What stands in braces is made by the test: keys and sums.

What else may be so: `none`, `quarantine` or `reject` is the policy (DMARC) its owner chose,
`six` an IPv6 address of the box, `signed` and `unsigned` the zone's state, `below` that the
domain is mail.example.test, `next` and `old` the stage of its key, and `silent` that no name
server of other.test answers.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

BASE = """
@       A    198.18.3.10
@       MX   10 example.test.
10.3.18.198.in-addr.arpa. PTR example.test.
"""

TABLE = """
mx | - | @ MX 10 example.test. | right | RFC 5321 5.1
mx | - | @ MX 0 EXAMPLE.test. | right | RFC 4343 2
mx | - | @ MX 10 example.test. / @ MX 10 mail.other.test. | mx-shared | RFC 5321 5.1
mx | - | @ MX 10 mail.other.test. / @ MX 20 example.test. | mx-not-first | RFC 5321 5.1
mx | - | @ MX 10 example.test. / @ MX 20 mail.other.test. | mx-more | RFC 5321 5.1
mx | - | @ MX 10 mail.other.test. | mx-elsewhere | RFC 5321 5.1
mx | - | @ MX 0 . | mx-none | RFC 7505 3
mx | - | @ MX 0 . / @ MX 10 example.test. | mx-none-too | RFC 7505 3
mx | - | @ MX 10 mx / mx A 198.18.3.10 | right | RFC 5321 5.1
mx | - | @ MX 10 mx / @ MX 20 example.test. / mx A 198.18.3.10 | right | RFC 5321 5.1
mx | - | @ MX 10 mx / mx A 198.18.3.10 / mx A 192.0.2.7 | mx-shared | RFC 5321 5.1
mx | - | @ MX 10 mx / mx A 198.18.3.10 / mx AAAA 2001:db8::7 | mx-shared | RFC 5321 5.1
mx | six | @ MX 10 mx / mx A 198.18.3.10 / mx AAAA 2001:db8::10 | right | RFC 5321 5.1
mx | - | @ MX 10 mx / mx CNAME @ | mx-alias | RFC 2181 10.3
mx | - | @ MX 10 198.18.3.10. | mx-elsewhere | RFC 5321 5.1
mx | - | @ MX 10 mx | mx-elsewhere | RFC 5321 5.1
address-a | - | @ A 198.18.3.10 | right | RFC 1035 3.4.1
address-a | - | @ A 198.18.3.10 / @ A 192.0.2.7 | address-more | RFC 5321 5.1
address-a | - | @ A 192.0.2.7 | address-other | RFC 5321 5.1
address-a | - | @ A 192.168.1.4 | address-private | RFC 1918 3
address-a | - | @ A 100.64.3.4 | address-private | RFC 6598 4
address-a | - | @ A 198.18.3.10 / @ AAAA 2001:db8::7 | address-more | RFC 5321 5.1
address-a | six | @ A 198.18.3.10 / @ AAAA 2001:db8::10 | right | RFC 5321 5.1
address-a | six | @ A 198.18.3.10 / @ AAAA 2001:db8::7 | address-more | RFC 5321 5.1
address-aaaa | six | @ AAAA 2001:DB8:0:0:0:0:0:10 | right | RFC 4291 2.2
address-aaaa | six | @ AAAA 2001:db8::7 | address-other | RFC 5321 5.1
address-aaaa | six | @ AAAA fd00::10 | address-private | RFC 4193 4.3
address-aaaa | six | @ A 198.18.3.10 | missing-needed | RFC 3596 2.1
spf | - | @ TXT "v=spf1 mx ~all" | right | RFC 7208 5.4
spf | - | @ TXT "v=spf1 mx -all" | spf-other | RFC 7208 5.4
spf | - | @ TXT "V=SPF1 MX -ALL" | spf-other | RFC 7208 4.6.1
spf | - | @ TXT "v=spf1  mx   -all " | spf-other | RFC 7208 4.5
spf | - | @ TXT "v=spf1 m" "x -all" | spf-other | RFC 7208 3.3
spf | - | @ TXT "v=spf1 ptr -all" | spf-other | RFC 7208 5.5
spf | - | @ TXT "v=spf1 ptr:test -all" | spf-garbage | RFC 7208 12
spf | - | @ TXT "v=spf1 ptr:other.test -all" | spf-refuses | RFC 7208 5.5
spf | - | @ TXT "v=spf1 exists:%{i}._spf.example.test -all" / 198.18.3.10._spf A 127.0.0.2 | spf-other | RFC 7208 5.7
spf | - | @ TXT "v=spf1 exists:%{ir}.%{v}._spf.%{d} -all" / 10.3.18.198.in-addr._spf A 127.0.0.2 | spf-other | RFC 7208 7.4
spf | - | @ TXT "v=spf1 exists:%{i}._spf.example.test -all" | spf-refuses | RFC 7208 5.7
spf | - | @ TXT "v=spf1 exists:_spf.example.test -all" / _spf A 127.0.0.2 | spf-open | RFC 7208 5.7
spf | - | @ TXT "v=spf1 exists:%{l}._spf.%{d} -all" | spf-unknown | RFC 7208 7.2
spf | - | @ TXT "v=spf1 mx exists:%{s}.%{d} -all" | spf-other | RFC 7208 7.2
spf | - | @ TXT "v=spf1 exists:%{h}._h.%{d1r}.example.test -all" / example.test._h.example A 127.0.0.2 | spf-open | RFC 7208 7.3
spf | - | @ TXT "v=spf1 a:%{p} -all" | spf-other | RFC 7208 7.2
spf | - | @ TXT "v=spf1 include:_spf.%{d} -all" / _spf TXT "v=spf1 ip4:198.18.3.10 -all" | spf-other | RFC 7208 5.2
spf | - | @ TXT "v=spf1 include:%{d2}._spf.%{o} -all" / example.test._spf TXT "v=spf1 ip4:198.18.0.0/15 -all" | spf-other | RFC 7208 7.3
spf | - | @ TXT "v=spf1 include:_spf.%{d} -all" / _spf TXT "v=spf1 ip4:192.0.2.7 -all" | spf-refuses | RFC 7208 5.2
spf | - | @ TXT "v=spf1 include:_spf.%{d} ~all" / _spf TXT "v=spf1 ip4:192.0.2.7 -all" | spf-doubts | RFC 7208 8.5
spf | - | @ TXT "v=spf1 include:_spf.%{d} -all" | spf-garbage | RFC 7208 5.2
spf | - | @ TXT "v=spf1 mx include:gone.other.test -all" | spf-other | RFC 7208 4.6.2
spf | - | @ TXT "v=spf1 redirect=_spf.%{d}" / _spf TXT "v=spf1 ip4:198.18.3.10 -all" | spf-other | RFC 7208 6.1
spf | - | @ TXT "v=spf1 redirect=_spf.%{d}" / _spf TXT "v=spf1 ip4:192.0.2.7 -all" | spf-refuses | RFC 7208 6.1
spf | - | @ TXT "v=spf1 redirect=_spf.%{d}" | spf-garbage | RFC 7208 6.1
spf | - | @ TXT "v=spf1 redirect=_spf.%{d} mx ?all" / _spf TXT "v=spf1 -all" | spf-other | RFC 7208 6.1
spf | - | @ TXT "v=spf1 redirect=a.test redirect=b.test" | spf-garbage | RFC 7208 6
spf | - | @ TXT "v=spf1 a:%{d} -all" | spf-other | RFC 7208 5.3
spf | - | @ TXT "v=spf1 a/24 -all" / @ A 198.18.3.99 | spf-other | RFC 7208 5.6
spf | six | @ TXT "v=spf1 a/24//64 -all" / @ AAAA 2001:db8::99 | spf-other | RFC 7208 5.6
spf | six | @ TXT "v=spf1 ip4:198.18.3.10 -all" | spf-refuses | RFC 7208 5.6
spf | six | @ TXT "v=spf1 ip4:198.18.3.10 ip6:2001:db8::10 -all" | spf-other | RFC 7208 5.6
spf | - | @ TXT "v=spf1 mx/33 -all" | spf-garbage | RFC 7208 12
spf | - | @ TXT "v=spf1 ip4:198.18.3 -all" | spf-garbage | RFC 7208 5.6
spf | - | @ TXT "v=spf1 ip4:example.test -all" | spf-garbage | RFC 7208 5.6
spf | - | @ TXT "v=spf1 ipv4:198.18.3.10 -all" | spf-garbage | RFC 7208 4.6.1
spf | - | @ TXT "v=spf1 mx, -all" | spf-garbage | RFC 7208 4.6.1
spf | - | @ TXT "v=spf1 include:_spf -all" | spf-garbage | RFC 7208 12
spf | - | @ TXT "v=spf1 exists:%{x}.%{d} -all" | spf-garbage | RFC 7208 7.1
spf | - | @ TXT "v=spf1 exists:%d.example.test -all" | spf-garbage | RFC 7208 7.1
spf | - | @ TXT "v=spf1 unknown=thing mx -all" | spf-other | RFC 7208 6
spf | - | @ TXT "v=spf1 exp=why.example.test mx -all" | spf-other | RFC 7208 6.2
spf | - | @ TXT "v=spf1 +all" | spf-open | RFC 7208 5.1
spf | - | @ TXT "v=spf1 mx all" | spf-open | RFC 7208 5.1
spf | - | @ TXT "v=spf1 ip4:0.0.0.0/0 -all" | spf-open | RFC 7208 5.6
spf | - | @ TXT "v=spf1 mx ip6:::/0 -all" | spf-open | RFC 7208 5.6
spf | - | @ TXT "v=spf1 mx ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all" | spf-open | RFC 7208 5.6
spf | - | @ TXT "v=spf1 mx include:_spf.%{d} -all" / _spf TXT "v=spf1 ?all" | spf-other | RFC 7208 5.2
spf | - | @ TXT "v=spf1 mx include:_spf.%{d} -all" / _spf TXT "v=spf1 +all" | spf-open | RFC 7208 5.2
spf | - | @ TXT "v=spf1" | spf-doubts | RFC 7208 4.7
spf | - | @ TXT "v=spf1 ?all" | spf-doubts | RFC 7208 8.2
spf | - | @ TXT "v=spf1 -all" | spf-refuses | RFC 7208 8.4
spf | - | @ TXT "v=spf1 mx ~all" / @ TXT "v=spf1 a ~all" | duplicated | RFC 7208 4.5
spf | - | @ TXT "v=spf1 mx ~all" / @ TXT "spf1-verification=1" | right | RFC 7208 4.5
spf | - | @ TXT "v=spf10 mx -all" | spf-garbage | RFC 7208 4.5
spf | - | @ TXT "\\"v=spf1 mx -all\\"" | spf-garbage | RFC 7208 4.5
spf | - | @ TXT " v=spf1 mx -all" | spf-garbage | RFC 7208 4.5
spf | - | @ TXT "verification of spf1 for a shop" | missing-advised | RFC 7208 4.5
spf | - | @ TXT "spf2.0/pra mx -all" | missing-advised | RFC 7208 4.5
spf | - | @ TXT "v=spf1 a:a a:b.test a:c.test a:d.test -all" | spf-garbage | RFC 7208 12
spf | - | @ TXT "v=spf1 a:a.test a:b.test a:c.test mx -all" | spf-limit | RFC 7208 4.6.4
spf | - | @ TXT "v=spf1 a:a.test a:b.test mx -all" | spf-other | RFC 7208 4.6.4
spf | - | @ TXT "v=spf1 include:example.test -all" | spf-limit | RFC 7208 4.6.4
spf | - | @ TXT "v=spf1 {ten} ip4:198.18.3.10 -all" / o A 192.0.2.7 | spf-other | RFC 7208 4.6.4
spf | - | @ TXT "v=spf1 {ten} a -all" / o A 192.0.2.7 | spf-limit | RFC 7208 4.6.4
spf | - | @ TXT "v=spf1 mx {ten} -all" / o A 192.0.2.7 | spf-other | RFC 7208 4.6.4
spf | silent | @ TXT "v=spf1 include:other.test -all" | spf-unknown | RFC 7208 8.6
spf | silent | @ TXT "v=spf1 mx include:other.test -all" | spf-other | RFC 7208 8.6
dkim-k | - | {k} TXT "v=DKIM1; k=rsa; p={rsa}" | right | RFC 6376 3.6.1
dkim-k | - | {k} TXT "p={rsa}" | right | RFC 6376 3.6.1
dkim-k | - | {k} TXT "v=DKIM1; h=sha256; k=rsa; s=email; t=s; n=a note; p={rsa};" | right | RFC 6376 3.6.1
dkim-k | - | {k} TXT "v = DKIM1 ; p = {rsa}" | right | RFC 6376 3.2
dkim-k | - | {k} TXT "v=DK" "IM1; p=" "{rsa}" | right | RFC 6376 3.6.2.2
dkim-k | - | {k} TXT "v=DKIM1; h=sha1:sha256; s=*; future=yes; p={rsa}" | right | RFC 6376 3.6.1
dkim-k | - | {k} TXT "v=DKIM1; h=sha1; p={rsa}" | dkim-hash | RFC 6376 3.6.1
dkim-k | - | {k} TXT "v=DKIM1; h=; p={rsa}" | dkim-hash | RFC 6376 3.6.1
dkim-k | - | {k} TXT "v=DKIM1; s=tlsrpt; p={rsa}" | dkim-service | RFC 6376 3.6.1
dkim-k | - | {k} TXT "v=DKIM1; s=tlsrpt:email; p={rsa}" | right | RFC 6376 3.6.1
dkim-k | - | {k} TXT "v=DKIM1; t=y; p={rsa}" | dkim-testing | RFC 6376 3.6.1
dkim-k | - | {k} TXT "v=DKIM1; t=s : y; p={rsa}" | dkim-testing | RFC 6376 3.6.1
dkim-k | - | {k} TXT "v=DKIM1; p=" | dkim-revoked | RFC 6376 3.6.1
dkim-k | - | {k} TXT "v=DKIM1; p={other}" | dkim-other | RFC 6376 6.1.3
dkim-k | - | {k} TXT "v=DKIM1; k=ed25519; p={rsa}" | dkim-other | RFC 8463 4
dkim-k | - | {k} TXT "v=DKIM1; k=rsa" | garbage | RFC 6376 6.1.2
dkim-k | - | {k} TXT "v=DKIM2; p={rsa}" | garbage | RFC 6376 3.6.1
dkim-k | - | {k} TXT "v=dkim1; p={rsa}" | garbage | RFC 6376 3.2
dkim-k | - | {k} TXT "V=DKIM1; P={rsa}" | garbage | RFC 6376 3.2
dkim-k | - | {k} TXT "k=rsa; v=DKIM1; p={rsa}" | garbage | RFC 6376 3.6.1
dkim-k | - | {k} TXT "v=DKIM1; p={rsa}; p={rsa}" | garbage | RFC 6376 3.2
dkim-k | - | {k} TXT "v=DKIM1\\\\; k=rsa\\\\; p={rsa}" | garbage | RFC 6376 3.2
dkim-k | - | {k} TXT "v=DKIM1; k=rsa; {rsa}" | garbage | RFC 6376 3.2
dkim-k | - | {k} TXT "\\"v=DKIM1; p={rsa}\\"" | garbage | RFC 6376 3.2
dkim-k | - | {k} TXT "v=DKIM1; p={rsa}" / {k} TXT "v=DKIM1; p={other}" | duplicated | RFC 6376 3.6.2.2
dkim-k | - | * TXT "v=spf1 -all" | missing-advised | RFC 4592 2.1.1
dkim-k | - | *._domainkey TXT "v=DKIM1; p=" | dkim-revoked | RFC 4592 2.1.1
dkim-k | next | * TXT "v=spf1 -all" | missing-next | RFC 4592 2.1.1
dkim-k | next | {k} TXT "v=DKIM1; h=sha1; p={rsa}" | key-not-ready | RFC 6376 3.6.1
dkim-k | old | * TXT "v=spf1 -all" | missing-old | RFC 4592 2.1.1
dkim-k | - | {k} CNAME k.keys / k.keys TXT "p={rsa}" | right | RFC 1034 3.6.2
dmarc | - | _dmarc TXT "v=DMARC1; p=none; rua=mailto:{reports}" | right | RFC 9989 4.7
dmarc | - | _dmarc TXT "v=DMARC1;p=none;rua=mailto:{reports}!10m,mailto:a@b.test" | right | RFC 7489 6.2
dmarc | - | _dmarc TXT "v = DMARC1 ; P = NONE ; rua = mailto:{reports} ;" | right | RFC 9989 4.8
dmarc | - | _dmarc TXT "v=DMARC1; rua=mailto:{reports}; p=none" | right | RFC 9989 4.8
dmarc | - | _dmarc TXT "v=DMARC1; rua=mailto:{reports}" | right | RFC 9989 4.7
dmarc | - | _dmarc TXT "v=DMARC1; p=monitor; rua=mailto:{reports}" | dmarc-as-none | RFC 7489 6.6.3
dmarc | - | _dmarc TXT "v=DMARC1; p=reject; sp=nothing; rua=mailto:{reports}" | dmarc-as-none | RFC 7489 6.6.3
dmarc | reject | _dmarc TXT "v=DMARC1; p=reject; sp=nothing; rua=mailto:{reports}" | dmarc-milder | RFC 7489 6.6.3
dmarc | - | _dmarc TXT "v=DMARC1; p=none; sp=none; np=reject; psd=u; t=n; rua=mailto:{reports}" | right | RFC 9989 4.7
dmarc | - | _dmarc TXT "v=DMARC1; p=none; future=tag; pct=50; rua=mailto:{reports}" | right | RFC 9989 4.7
dmarc | - | _dmarc TXT "v=DMARC1; p=quarantine; t=y; rua=mailto:{reports}" | right | RFC 9989 4.7
dmarc | - | _dmarc TXT "v=DMARC1; p=reject; t=y; rua=mailto:{reports}" | dmarc-stricter | RFC 9989 4.7
dmarc | quarantine | _dmarc TXT "v=DMARC1; p=quarantine; pct=100; rua=mailto:{reports}" | right | RFC 7489 6.3
dmarc | - | _dmarc TXT "v=DMARC1; np=reject" | garbage | RFC 7489 6.6.3
dmarc | - | _dmarc TXT "v=DMARC1; p=none; rua=mailto:{reports}; an idea" | right | RFC 9989 4.7
dmarc | - | _dmarc TXT "v=DMARC1; p=none; rua=mailto:{reports}; adkim=x; fo=9" | right | RFC 9989 4.7
dmarc | - | _dmarc TXT "v=DMARC1; p=monitor" | garbage | RFC 7489 6.6.3
dmarc | - | _dmarc TXT "v=DMARC1; p=monitor; rua=reports" | garbage | RFC 7489 6.6.3
dmarc | - | _dmarc TXT "v=DMARC1; p=none; p=reject; rua=mailto:{reports}" | garbage | RFC 6376 3.2
dmarc | - | _dmarc TXT "v=dmarc1; p=none; rua=mailto:{reports}" | garbage | RFC 9989 4.7
dmarc | - | _dmarc TXT " v=DMARC1; p=none; rua=mailto:{reports}" | garbage | RFC 9989 4.8
dmarc | - | _dmarc TXT "p=none; v=DMARC1; rua=mailto:{reports}" | garbage | RFC 9989 4.7
dmarc | - | _dmarc TXT "v=DMARC1\\\\; p=none\\\\; rua=mailto:{reports}" | garbage | RFC 9989 4.8
dmarc | - | _dmarc TXT "v=DMARC1; p=none" / _dmarc TXT "v=DMARC1; p=reject" | duplicated | RFC 7489 6.6.3
dmarc | - | _dmarc TXT "v=DMARC1; p=none; rua=mailto:{reports}" / _dmarc TXT "hello" | right | RFC 7489 6.6.3
dmarc | - | _dmarc TXT "v=DMARC1; p=reject" | dmarc-no-reports | RFC 9989 4.7
dmarc | - | _dmarc TXT "v=DMARC1; p=none; rua={reports}" | dmarc-no-reports | RFC 9989 4.8
dmarc | - | _dmarc TXT "v=DMARC1; p=none; rua=mailto:{reports}.evil.test" | dmarc-reports-elsewhere | RFC 9989 4.7
dmarc | - | _dmarc TXT "v=DMARC1; p=reject; rua=mailto:a@b.test" | dmarc-stricter | RFC 9989 4.7
dmarc | quarantine | _dmarc TXT "v=DMARC1; p=quarantine; pct=20; rua=mailto:{reports}" | dmarc-part | RFC 7489 6.3
dmarc | quarantine | _dmarc TXT "v=DMARC1; p=quarantine; pct=all; rua=mailto:{reports}" | right | RFC 7489 6.3
dmarc | reject | _dmarc TXT "v=DMARC1; p=reject; t=y; rua=mailto:{reports}" | dmarc-testing | RFC 9989 4.7
dmarc | quarantine | _dmarc TXT "v=DMARC1; p=reject; t=y; rua=mailto:{reports}" | right | RFC 9989 4.7
dmarc | reject | _dmarc TXT "v=DMARC1; p=quarantine; rua=mailto:{reports}" | dmarc-milder | RFC 9989 4.7
dmarc | - | * TXT "v=spf1 -all" | missing-advised | RFC 4592 2.1.1
dmarc | - | @ TXT "v=DMARC1; p=none" | missing-advised | RFC 9989 4.7
dmarc | below | _dmarc TXT "v=DMARC1; p=reject" | dmarc-inherited | RFC 9989 4.10
dmarc | below reject | _dmarc TXT "v=DMARC1; p=reject; sp=none" | dmarc-milder | RFC 9989 4.7
dmarc | below | _dmarc TXT "v=DMARC1; p=none" / _dmarc TXT "v=DMARC1; p=reject" | missing-advised | RFC 9989 4.10
mta-sts | - | _mta-sts TXT "v=STSv1; id={id}" | right | RFC 8461 3.1
mta-sts | - | _mta-sts TXT "v=STSv1;id={id};" | right | RFC 8461 3.1
mta-sts | - | _mta-sts TXT "v=STSv1; id={id}" / _mta-sts TXT "hello" | right | RFC 8461 3.1
mta-sts | - | _mta-sts TXT "v=STSv1; id=20260101" | mta-sts-old | RFC 8461 3.1
mta-sts | - | _mta-sts TXT "v=STSv1; id=2026-01-01" | garbage | RFC 8461 3.1
mta-sts | - | _mta-sts TXT "v=STSv1; id=" | garbage | RFC 8461 3.1
mta-sts | - | _mta-sts TXT "v=STSv1" | garbage | RFC 8461 3.1
mta-sts | - | _mta-sts TXT "v=stsv1; id={id}" | garbage | RFC 8461 3.1
mta-sts | - | _mta-sts TXT "v = STSv1; id={id}" | garbage | RFC 8461 3.1
mta-sts | - | _mta-sts TXT "v=STSv1; id={id}" / _mta-sts TXT "v=STSv1; id=1" | duplicated | RFC 8461 3.1
mta-sts | - | * TXT "v=spf1 -all" | missing-optional | RFC 4592 2.1.1
tls-rpt | - | _smtp._tls TXT "v=TLSRPTv1; rua=mailto:{reports}" | right | RFC 8460 3
tls-rpt | - | _smtp._tls TXT "v=TLSRPTv1;rua=https://other.test/in,mailto:a@b.test" | right | RFC 8460 3
tls-rpt | - | _smtp._tls TXT "v=TLSRPTv1; rua={reports}" | garbage | RFC 8460 3
tls-rpt | - | _smtp._tls TXT "v=TLSRPTv1" | garbage | RFC 8460 3
tls-rpt | - | _smtp._tls TXT "v=TLSRPTv1; rua=mailto:a@b.test" / _smtp._tls TXT "v=TLSRPTv1; rua=mailto:c@d.test" | duplicated | RFC 8460 3
tls-rpt | - | * TXT "v=spf1 -all" | missing-optional | RFC 4592 2.1.1
tlsa-0 | signed | {25} TLSA 3 1 1 {key256} | right | RFC 7672 3.1.1
tlsa-0 | signed | {25} TLSA 3 1 2 {key512} | right | RFC 6698 2.1.3
tlsa-0 | signed | {25} TLSA 3 0 1 {cert256} | right | RFC 6698 2.1.2
tlsa-0 | signed | {25} TLSA 3 1 0 {key} | right | RFC 6698 2.1.3
tlsa-0 | signed | {25} TLSA 2 1 1 {issuer256} | right | RFC 7672 3.1.2
tlsa-0 | signed | {25} TLSA 2 1 1 {key256} | tlsa-other | RFC 7671 5.2
tlsa-0 | signed | *._tcp TLSA 3 1 1 {key256} | right | RFC 4592 2.1.1
tlsa-0 | signed | {25} TLSA 3 1 1 {key256} / {25} TLSA 3 1 1 {foreign256} | tlsa-more | RFC 7671 8.1
tlsa-0 | signed | {25} TLSA 3 1 1 {key256} / {25} TLSA 3 1 1 {next256} | right | RFC 7671 8.1
tlsa-0 | signed | {25} TLSA 3 1 1 {foreign256} | tlsa-other | RFC 7672 2.2
tlsa-0 | signed | {25} TLSA 3 0 1 {key256} | tlsa-other | RFC 6698 2.1.2
tlsa-0 | signed | {25} TLSA 1 1 1 {key256} | tlsa-unusable | RFC 7672 3.1.3
tlsa-0 | signed | {25} TLSA 3 1 1 abcd | tlsa-unusable | RFC 7671 4.1
tlsa-0 | signed | {25} TLSA 3 1 9 {key256} | tlsa-unusable | RFC 7671 4.1
tlsa-0 | unsigned | {25} TLSA 3 1 1 {foreign256} | tlsa-unsigned | RFC 7672 2.1.1
tlsa-0 | - | {25} TLSA 3 1 1 {foreign256} | tlsa-unknown | RFC 7672 2.1.1
tlsa-0 | unsigned | @ A 198.18.3.10 | tlsa-unsigned | RFC 7672 2.1.1
tlsa-1 | signed | {25} TLSA 3 1 1 {key256} | tlsa-next | RFC 7671 8.1
tlsa-1 | signed | {25} TLSA 2 1 1 {issuer256} | tlsa-next | RFC 7671 8.1
tlsa-1 | signed | {25} TLSA 3 1 1 {key256} / {25} TLSA 3 1 1 {next256} | right | RFC 7671 8.1
tlsa-1 | signed | {25} TLSA 3 1 1 {foreign256} | tlsa-other | RFC 7672 2.2
caa | - | @ CAA 0 issue "letsencrypt.org" | right | RFC 8659 4.2
caa | - | @ CAA 0 ISSUE "LetsEncrypt.org" | right | RFC 8659 4.1
caa | - | @ CAA 0 issue "letsencrypt.org;" | right | RFC 8659 4.2
caa | - | @ CAA 0 issue "ca.other.test" / @ CAA 0 issue "letsencrypt.org" | right | RFC 8659 4.2
caa | - | @ CAA 0 issue "ca.other.test" | caa-forbids | RFC 8659 4.2
caa | - | @ CAA 0 issue ";" | caa-nobody | RFC 8659 4.2
caa | - | @ CAA 0 issue "" | caa-nobody | RFC 8659 4.2
caa | - | @ CAA 0 issue "https://letsencrypt.org" | caa-nobody | RFC 8659 4.2
caa | - | @ CAA 0 issue "letsencrypt.org; a b c" | caa-nobody | RFC 8659 4.2
caa | - | @ CAA 0 issuewild ";" | right | RFC 8659 4.3
caa | - | @ CAA 0 iodef "mailto:a@b.test" | right | RFC 8659 4.4
caa | - | @ CAA 128 issue "letsencrypt.org" | right | RFC 8659 4.1
caa | - | @ CAA 128 future "yes" / @ CAA 0 issue "letsencrypt.org" | caa-critical | RFC 8659 4.1
caa | - | @ CAA 0 future "yes" | right | RFC 8659 4.1
caa | - | @ CAA 0 issue "letsencrypt.org; validationmethods=dns-01" | caa-method | RFC 8657 4
caa | - | @ CAA 0 issue "letsencrypt.org; validationmethods=dns-01,http-01" | right | RFC 8657 4
caa | - | @ CAA 0 issue "letsencrypt.org; accounturi=https://acme.test/1" | caa-account | RFC 8657 3
caa | below | @ CAA 0 issue "ca.other.test" | caa-forbids | RFC 8659 3
caa | below | @ CAA 0 issue "ca.other.test" / mail CAA 0 issue "letsencrypt.org" | right | RFC 8659 3
srv-imaps | - | _imaps._tcp SRV 0 1 993 example.test. | right | RFC 6186 3.2
srv-imaps | - | _imaps._tcp SRV 10 50 993 mail / mail A 198.18.3.10 | right | RFC 2782
srv-imaps | - | _imaps._tcp SRV 0 1 993 example.test. / _imaps._tcp SRV 10 1 993 imap.other.test. | right | RFC 2782
srv-imaps | - | _imaps._tcp SRV 10 1 993 example.test. / _imaps._tcp SRV 0 1 993 imap.other.test. | srv-elsewhere | RFC 2782
srv-imaps | - | _imaps._tcp SRV 0 1 993 example.test. / _imaps._tcp SRV 0 1 993 imap.other.test. | srv-elsewhere | RFC 2782
srv-imaps | - | _imaps._tcp SRV 0 1 143 example.test. | srv-port | RFC 6186 3.2
srv-imaps | - | _imaps._tcp SRV 0 0 0 . | srv-off | RFC 2782
srv-imaps | - | _imaps._tcp SRV 0 0 0 . / _imaps._tcp SRV 1 1 993 imap.other.test. | srv-elsewhere | RFC 2782
srv-imaps | - | * TXT "v=spf1 -all" | missing-optional | RFC 4592 2.1.1
"""


def _in_strings(key: str) -> str:
    """A long value in strings short enough for a record."""
    return '" "'.join(key[at : at + 60] for at in range(0, len(key), 60))


class Case(NamedTuple):
    """One line."""

    role: str
    given: frozenset[str]
    zone: tuple[str, ...]
    code: str
    section: str


def _case(line: str) -> Case:
    role, given, zone, code, section = (each.strip() for each in line.split(' | '))
    return Case(role, frozenset(given.split()) - {'-'}, tuple(zone.split(' / ')), code, section)


CASES = tuple(map(_case, TABLE.strip().splitlines()))


RSA_KEY = 'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtY1ayaxZGDcwmuUiNcqUi5rDijZySV0xzUgTbzPONVdgni3x5lMZ/QpJ5PF/cCNhMNHwfyNU23XzQomTVggHLHvYqXCEusKkBQAHlqBirM64/RRo0BeC2k5vF6/Z7J1bj4nLgH9UOICeiUMUjyVE50tzcuS5UP3ZW6u4xYn4PjJAtUBznianPgFmfAt5X/tGLee0oBIp8GKS3HZ5AK0J0WwE+loEBqo34tp8cwzbHQqTZ00X5KD05o2wIRNHYXEXPum/m4cfPoNnP8G1SvmpT0aBjA9IEgObcugTTvzsqMCjnqR6lYq1wiJN6D0IUstsjBir3h7FAmxJlmhUPUkdeQIDAQAB'
OTHER_KEY = 'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtwAtg/b7avgsSUp/4dRvcWb2ceG9JrKursuIOgwWc5lSGyLC+kE3ZR6RJNh0TBi/0Xz7Gewww3ZJ1Cuj5e1DrvwWL04cqLcnKJh+kSZMsFyCDrjCTdiS5+jYZXFJz0JKcEtd0fsDTfW58+2/nM+cYl5yoi+n1xIEouOnRA5/Dznae9Pr0Heq4z21MolxDU3UMmsOkPyT/ChB3LXkQ44Tis0IYtdx6lyc074rpWm7fwtnZjqqK0ljEaF93E+KCTevKHOwyCPqRfucPxdGeRGCEmq1zLWJdW1/Vz5itB4SXTCOqPdGZWLl9G3ZRVx0+6wHg5KABimlxfJij7tDGcK5ZQIDAQAB'
_NAMES = {
    'k': 'k._domainkey',
    '25': '_25._tcp',
    'ten': ' '.join(['a:o.example.test'] * 10),
    'reports': 'mail-reports@example.test',
    'rsa': _in_strings(RSA_KEY),
    'other': _in_strings(OTHER_KEY),
}


def filled(line: str, more: Mapping[str, str]) -> str:
    """A line with the values of its names in braces; macros of SPF stay."""
    values = {**_NAMES, **more}
    return re.sub(r'(?<!%)\{([a-z0-9]+)\}', lambda found: values.get(found[1], found[0]), line)
