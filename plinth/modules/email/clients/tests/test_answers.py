# SPDX-License-Identifier: AGPL-3.0-or-later
"""The documents programs get, and hostile questions."""

import xml.etree.ElementTree as ET

import pytest

from .. import autoconfig, autodiscover
from ..autodiscover import INVALID, LONGEST, OTHER_SCHEMA, OUTLOOK, RefusedError
from ..servers import ClientSettings

SETTINGS = ClientSettings('two.test', 'one.test')
REQUEST = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006'
MOBILE = 'http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006'


def question(address: str, schema: str = OUTLOOK, before: str = '') -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{before}<Autodiscover xmlns="{REQUEST}"><Request>'
        f'<EMailAddress>{address}</EMailAddress>'
        f'<AcceptableResponseSchema>{schema}</AcceptableResponseSchema>'
        '</Request></Autodiscover>'
    ).encode()


def test_thunderbird_is_told_the_best_server_first() -> None:
    root = ET.fromstring(autoconfig.document(SETTINGS))
    provider = root.find('emailProvider')
    assert provider is not None
    assert [each.text for each in provider.findall('domain')] == ['two.test']
    servers = [
        (each.get('type'), each.findtext('hostname'), each.findtext('port'),
         each.findtext('socketType'), each.findtext('username'))
        for each in provider if each.tag.endswith('Server')
    ]  # fmt: skip
    assert servers == [
        ('imap', 'one.test', '993', 'SSL', '%EMAILADDRESS%'),
        ('pop3', 'one.test', '995', 'SSL', '%EMAILADDRESS%'),
        ('smtp', 'one.test', '465', 'SSL', '%EMAILADDRESS%'),
        ('smtp', 'one.test', '587', 'STARTTLS', '%EMAILADDRESS%'),
    ]


def test_outlook_is_told_servers_and_user_name() -> None:
    root = ET.fromstring(autodiscover.document(SETTINGS, "o'b&c@two.test"))
    protocols = root.findall(f'.//{{{OUTLOOK}}}Protocol')
    assert [
        [each.findtext(f'{{{OUTLOOK}}}{name}') for name in ('Type', 'Server', 'Port', 'LoginName')]
        for each in protocols
    ] == [
        ['IMAP', 'one.test', '993', "o'b&c@two.test"],
        ['POP3', 'one.test', '995', "o'b&c@two.test"],
        ['SMTP', 'one.test', '465', "o'b&c@two.test"],
    ]
    assert {each.findtext(f'{{{OUTLOOK}}}SSL') for each in protocols} == {'on'}


def test_a_question_is_read() -> None:
    assert autodiscover.read(question(' Alice@TWO.test ')) == 'alice@two.test'
    assert autodiscover.read(question('a@two.test', schema='')) == 'a@two.test'


FILE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
GROWS = '<!DOCTYPE a [<!ENTITY x "aaaa"><!ENTITY y "&x;&x;&x;&x;">]>'
HOSTILE = {
    'nothing': (b'', INVALID),
    'no document': (b'hello', INVALID),
    'another document': (b'<html/>', INVALID),
    'half of one': (question('a@two.test')[:-9], INVALID),
    'a file of ours': (question('&x;', before=FILE), INVALID),
    'one that grows': (question('&y;@two.test', before=GROWS), INVALID),
    'a document type': (question('a@two.test', before='<!DOCTYPE a>'), INVALID),
    'no text at all': (b'\xff\xfe\x00\x01', INVALID),
    'an encoding that is none': (b'<?xml version="1.0" encoding="nonsense"?><a/>', INVALID),
    'a huge one': (question('a@two.test') + b' ' * LONGEST, INVALID),
    'no address': (question('two.test'), INVALID),
    'two addresses': (question('a@two.test, b@two.test'), INVALID),
    'an address of elements': (question('<b>a@two.test</b>'), INVALID),
    'a phone that wants ActiveSync': (question('a@two.test', MOBILE), OTHER_SCHEMA),
}


@pytest.mark.parametrize(('body', 'code'), HOSTILE.values(), ids=HOSTILE)
def test_other_questions_are_refused(body: bytes, code: int) -> None:
    with pytest.raises(RefusedError) as raised:
        autodiscover.read(body)
    assert raised.value.code == code


def test_an_error_has_its_code() -> None:
    root = ET.fromstring(autodiscover.error(INVALID))
    assert root.findtext('.//{*}ErrorCode') == '600'
