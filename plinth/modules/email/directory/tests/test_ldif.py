# SPDX-License-Identifier: AGPL-3.0-or-later
"""LDIF is data: what would make a tool act is refused, anything else is read or refused."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.directory import ldif
from plinth.modules.email.errors import MailError

ENTRY = b'dn: cn=a,dc=x\ncn: a\nobjectClass: device\n'


def test_records_as_tools_write_them() -> None:
    text = (
        b'version: 1\n\n# a comment\n dn: still the comment\ndn:: Y249w6Qs\n ZGM9eA==\r\n'
        b'cn:  two\n  words\ndescription:\nnote:: w6Q=\n\n\n' + ENTRY
    )
    first, second = ldif.parse(text)
    assert (first.dn, first.values('CN')) == ('cn=ä,dc=x', (b'two words',))
    assert (first.values('description'), first.values('note')) == ((b'',), ('ä'.encode(),))
    assert (second.dn, second.classes) == ('cn=a,dc=x', frozenset({'device'}))


ACTING = {
    'a change': b'dn: uid=a,ou=users,dc=thisbox\nchangetype: modify\nadd: x\nx: y\n',
    'a change in other letters': b'dn: cn=a\nChangeType: delete\n',
    'a control': b'dn: cn=a\ncontrol: 1.2.3 true\ncn: a\n',
    'a file of the box': b'dn: cn=a\nuserPassword:< file:///etc/shadow\n',
    'a file of the box, far away': b'dn: cn=a\nuserPassword:<file:///etc/shadow\n',
    'a separator': b'dn: cn=a\ncn: a\n-\n',
    'an option': b'dn: cn=a\nuserPassword;binary: a\n',
    'two names': b'dn: cn=a\ndn: cn=b\n',
    'no name': b'cn: a\n',
    'broken base64': b'dn: cn=a\ncn:: $$$\n',
    'not text': b'dn: cn=\xff\n',
    'a name that is not text': b'dn:: /w==\ncn: a\n',
    'no colon': b'dn: cn=a\nrubbish\n',
    'a value without end': b'dn: cn=a\ncn: ' + b'a' * 70_000,
}


@pytest.mark.parametrize('data', ACTING.values(), ids=ACTING)
def test_what_is_more_than_content(data: bytes) -> None:
    with pytest.raises(MailError) as caught:
        list(ldif.parse(ENTRY + b'\n' + data))
    assert caught.value.code == 'ldif-invalid'


@given(st.lists(st.sampled_from([b'dn: a', b'cn: b', b'\n', b' ', b':', b'::', b'\r', b'#', b'<'])))
def test_any_lines(parts: list[bytes]) -> None:
    try:
        for record in ldif.parse(b'\n'.join(parts)):
            assert record.dn
    except MailError as error:
        assert error.code == 'ldif-invalid'  # noqa: PT017


@pytest.mark.parametrize('sign', [b' ', b'\n', b':', b'a: \n ', b'dn: a\n', b'\n ', b'dn: a\n\n'])
def test_a_megabyte_takes_no_time(sign: bytes) -> None:
    began = time.process_time()
    with contextlib.suppress(MailError):
        list(ldif.parse(sign * (1_000_000 // len(sign))))
    assert time.process_time() - began < 5
