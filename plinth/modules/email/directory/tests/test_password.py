# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which passwords a mailbox can have."""

from typing import Any

import pytest

from plinth.modules.email.directory.password import check_password
from plinth.modules.email.errors import MailError


@pytest.mark.parametrize('password', ['correct horse', 'pässwörter', '12345678', 'a' * 256])
def test_good_passwords(password: Any) -> None:
    check_password(password)


@pytest.mark.parametrize(
    'password', ['', 'short', 'a' * 257, 'abcdefgh\n', 'abc\x00defgh', 'abcdefg\u202e']
)
def test_bad_passwords_are_never_quoted(password: Any) -> None:
    with pytest.raises(MailError) as caught:
        check_password(password)
    assert caught.value.code == 'password-invalid'
    assert not password or password not in str(caught.value.args[1:]) + str(caught.value)


@pytest.mark.parametrize(
    'password',
    ['verein@example.org', 'Verein@Example.Org', 'example.org', 'Verein2026!', 'vereinverein',
     '1234verein', 'verein-example', 'verein.example.org', 'Example2026'],
)  # fmt: skip
def test_an_address_is_no_password(password: Any) -> None:
    with pytest.raises(MailError, match='similar to the address'):
        check_password(password, 'verein@example.org')


@pytest.mark.parametrize(
    ('password', 'address'),
    [
        ('a shop password', 'shop@example.org'),
        ('harbour lamp forty', 'verein@example.org'),
        ('vereinslokal am see', 'verein@example.org'),
        ('correct horse', 'x@y.org'),
        ('12345678', '12@example.org'),
    ],
)
def test_other_passwords_may_name_it(password: Any, address: Any) -> None:
    check_password(password, address)
