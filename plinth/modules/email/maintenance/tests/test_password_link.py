# SPDX-License-Identifier: AGPL-3.0-or-later
"""Links for passwords name a host that works for the person who opens them."""

from datetime import UTC, datetime

import pytest

from ... import urls
from ...directory.domain import Domain
from ..password_link import PATH, host_for

CLUB, MAIN = 'club.example', 'main.example'
OURS = {name: Domain(name, origin='freedombox') for name in (CLUB, MAIN)}
BY_HAND = {**OURS, CLUB: Domain(CLUB)}
ALIAS = {**OURS, CLUB: Domain(CLUB, origin='freedombox', alias_of=MAIN)}
GONE = {**OURS, CLUB: Domain(CLUB, origin='freedombox', gone=datetime(2026, 1, 1, tzinfo=UTC))}


@pytest.mark.parametrize(
    ('domains', 'trusted', 'host'),
    [
        (OURS, (CLUB, MAIN), CLUB),
        (OURS, (CLUB,), CLUB),
        (OURS, (MAIN,), MAIN),
        (OURS, (), CLUB),
        (BY_HAND, (CLUB, MAIN), MAIN),
        (BY_HAND, (), MAIN),
        (ALIAS, (CLUB, MAIN), MAIN),
        (ALIAS, (CLUB,), MAIN),
        (GONE, (CLUB, MAIN), MAIN),
        ({}, (), MAIN),
    ],
)
def test_the_host_of_a_link(
    domains: dict[str, Domain], trusted: tuple[str, ...], host: str
) -> None:
    assert host_for(CLUB, MAIN, domains, trusted) == host


def test_without_a_primary_domain_there_is_that_of_the_mailbox() -> None:
    assert host_for(CLUB, '', BY_HAND, ()) == CLUB


def test_the_path_is_that_of_the_page() -> None:
    page = next(each for each in urls.urlpatterns if each.name == 'password-link')
    assert f'/freedombox/{page.pattern}' == PATH
