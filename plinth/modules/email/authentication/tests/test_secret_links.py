# SPDX-License-Identifier: AGPL-3.0-or-later
"""Links work once, until their end, and no one who reads their file can use one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from plinth.modules.email.authentication.secret_links import SecretLinks
from plinth.modules.email.directory.entry import now
from plinth.modules.email.errors import MailError
from plinth.modules.email.system.json_value import JsonValue


@dataclass(frozen=True)
class Parcel(JsonValue):
    """The matter of a link."""

    name: str
    expires: datetime


def parcel(name: str = 'one', minutes: int = 15) -> Parcel:
    return Parcel(name, now() + timedelta(minutes=minutes))


@pytest.fixture(name='links')
def fixture_links(tmp_path: Path) -> SecretLinks[Parcel]:
    return SecretLinks(Parcel, tmp_path / 'links.json', tmp_path / 'lock', 'disown-invalid', 3)


def is_valid(links: SecretLinks[Parcel], secret: str) -> bool:
    try:
        links.find(secret)
    except MailError as error:
        return error.code != 'disown-invalid'
    return True


def test_a_link_is_used_once(links: SecretLinks[Parcel]) -> None:
    secret = links.make(parcel())
    with links.used(secret) as found:
        assert found.name == 'one'
    assert not is_valid(links, secret)
    with pytest.raises(MailError), links.used(secret):
        pytest.fail('A used link was used again.')


def test_a_link_whose_act_fails_stays_valid(links: SecretLinks[Parcel]) -> None:
    secret = links.make(parcel())
    with pytest.raises(MailError, match='progress'), links.used(secret):
        raise MailError('busy')
    assert is_valid(links, secret)


def test_a_link_ends(links: SecretLinks[Parcel]) -> None:
    assert not is_valid(links, links.make(parcel(minutes=-1)))


def test_the_file_holds_no_secret_and_is_for_its_owner_alone(links: SecretLinks[Parcel]) -> None:
    secret = links.make(parcel())
    assert secret not in links.path.read_text()
    assert links.path.stat().st_mode & 0o777 == 0o600
    assert not is_valid(links, next(iter(links.path.read_text().split('"')[1:2])))


def test_the_newest_links_are_kept(links: SecretLinks[Parcel]) -> None:
    found = [links.make(parcel(minutes=15 + number)) for number in range(4)]
    assert [is_valid(links, each) for each in found] == [False, True, True, True]


@pytest.mark.parametrize('content', ['', '[]', '{"a": 1}', 'null', '{"a": {"name": "one"}}'])
def test_a_damaged_file_opens_nothing(links: SecretLinks[Parcel], content: str) -> None:
    links.path.write_text(content)
    assert not is_valid(links, 'a')
