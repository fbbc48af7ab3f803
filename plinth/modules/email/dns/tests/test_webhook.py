# SPDX-License-Identifier: AGPL-3.0-or-later
"""A web address of the administrator's takes changes of a zone."""

import pytest

from plinth.modules.email.dns.changes import ZoneChange
from plinth.modules.email.dns.webhook import Webhook
from plinth.modules.email.errors import MailError

from .made_hoster import SECRET, running

ZONE = 'example.org'


def test_changes_are_sent_in_one_request() -> None:
    with running(ZONE) as hoster:
        hook = Webhook(ZONE, f'{hoster.url}/hook', SECRET)
        hook.change([ZoneChange(ZONE, 'A', ('192.0.2.1',), ('192.0.2.2',))])
        (asked,) = hoster.asked
    assert (asked.method, asked.path, asked.authorization) == ('POST', '/hook', f'Bearer {SECRET}')
    assert asked.body == {
        'zone': ZONE,
        'changes': [
            {'name': ZONE, 'type': 'A', 'ttl': 3600, 'remove': ['192.0.2.1'], 'add': ['192.0.2.2']}
        ],
    }


def test_a_wrong_secret_is_said() -> None:
    with running(ZONE) as hoster, pytest.raises(MailError) as caught:
        Webhook(ZONE, f'{hoster.url}/hook', 'another').change([ZoneChange(ZONE, 'A')])
    assert caught.value.reason.key == 'provider-refused.token'


@pytest.mark.parametrize(
    'url',
    [
        '', 'example.org/hook', 'http://example.org/hook', 'https://', 'ftp://example.org/',
        'https://user:pass@example.org/', 'https://example.org:port/', 'https://exämple.org/',
        'https://example.org/\n', 'https://[::1', 'file:///etc/passwd',
        f'https://a.org/{"x" * 500}',
    ],
)  # fmt: skip
def test_an_address_that_would_leak_the_secret_is_refused(url: str) -> None:
    with pytest.raises(MailError) as caught:
        Webhook(ZONE, url, SECRET)
    assert caught.value.code == 'url-invalid'


@pytest.mark.parametrize('url', ['https://example.org/hook?a=b', 'http://127.0.0.1:8080/x'])
def test_usual_addresses_are_taken(url: str) -> None:
    assert Webhook(ZONE, url, SECRET).server in {'example.org', '127.0.0.1'}
