# SPDX-License-Identifier: AGPL-3.0-or-later
"""Requests of mail apps are noted: bounded, without people's names, whatever apps say."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.clients.setup_requests import (
    LONGEST_PROGRAM,
    MOST,
    Given,
    Protocol,
    SetupRequests,
    plain_program,
)


@pytest.fixture(name='log')
def fixture_log(tmp_path: Path) -> SetupRequests:
    return SetupRequests(tmp_path / 'requests.json')


def note(log: SetupRequests, client: str = '192.0.2.1', program: str = 'Thunderbird') -> None:
    log.note(Protocol.AUTOCONFIG, 'example.org', client, program, Given.SETTINGS)


def test_an_app_that_asks_again_is_counted(log: SetupRequests) -> None:
    for _time in range(3):
        note(log)
    (found,) = log.recent()
    assert (found.count, found.domain, found.program) == (3, 'example.org', 'Thunderbird')
    assert found.first <= found.last


def test_the_newest_request_is_first(log: SetupRequests) -> None:
    for client in ('192.0.2.1', '192.0.2.2', '192.0.2.1'):
        note(log, client)
    assert [each.client for each in log.recent()] == ['192.0.2.1', '192.0.2.2']


def test_only_the_newest_are_kept(log: SetupRequests) -> None:
    for number in range(MOST + 5):
        note(log, program=f'App {number}')
    found = log.recent()
    assert len(found) == MOST
    assert found[0].program == f'App {MOST + 4}'


@pytest.mark.parametrize('content', ['', 'null', '{}', '[1]', '[{"protocol": "x"}]'])
def test_a_damaged_file_is_begun_anew(log: SetupRequests, content: str) -> None:
    log.path.write_text(content)
    assert log.recent() == ()
    note(log)
    assert len(log.recent()) == 1


def test_an_app_gets_its_answer_though_nothing_can_be_noted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    note(SetupRequests(tmp_path / 'missing' / 'requests.json'))
    assert 'was not noted' in caplog.text


@given(st.text())
def test_the_name_of_a_program_is_one_short_line(text: str) -> None:
    found = plain_program(text)
    assert len(found) <= LONGEST_PROGRAM
    assert found == '' or found.isprintable()
    assert plain_program(found) == found
