# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings that stay as they were undone, without daemons: pins are a file like any other."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from plinth.modules.email.config import undoing
from plinth.modules.email.config.state import (
    DovecotConf,
    DovecotSetting,
    MainCf,
    MasterCf,
    MasterService,
    WantedState,
    WholeFile,
)
from plinth.modules.email.errors import MailError
from plinth.modules.email.system import files
from plinth.modules.email.system.files import File
from plinth.modules.email.transaction import pins, plan
from plinth.modules.email.transaction.pins import Pin
from plinth.modules.email.transaction.plan import FileChange

OTHER = DovecotSetting('b', '2', (('protocol', 'imap'),))


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / 'pins.json'
    monkeypatch.setattr(pins, 'PATH', str(path))
    return path


@pytest.fixture
def main_cf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    path = tmp_path / 'main.cf'
    path.write_text('message_size_limit = 1\nsmtpd_milters = x\nmyhostname = a.test\n')
    monkeypatch.setattr(undoing, '_MAIN_CF', str(path))
    return str(path)


def install(changes: tuple[FileChange, ...]) -> None:
    for change in changes:
        assert files.read(change.path) == change.before
        files.write(change.path, change.after)


def undone(path: str, key: str, wanted: str, unsafe: bool = False) -> tuple[Pin, ...]:
    """Pins after one parameter was changed by change 7 and that is taken back."""
    state = WantedState((MainCf({key: wanted}, path),))
    (change,) = plan.changes(state)
    install((change,))
    back = FileChange(path, change.after, change.before)
    after = pins.after_undo(7, state, (back,), unsafe)
    install((back, *pins.changed(after)))
    return pins.load()


def test_what_was_undone_is_pinned_and_is_no_difference(main_cf: str) -> None:
    assert undone(main_cf, 'message_size_limit', '2') == (Pin(main_cf, 'message_size_limit', 7),)
    state = WantedState((MainCf({'message_size_limit': '2', 'biff': 'no'}, main_cf),))
    (change,) = plan.changes(pins.without(state, pins.load()))
    assert b'message_size_limit = 1' in change.after.content
    assert b'biff = no' in change.after.content


def test_undoing_the_undo_takes_the_pin_away(main_cf: str) -> None:
    undone(main_cf, 'message_size_limit', '2')
    state = WantedState((MainCf({'message_size_limit': '2'}, main_cf),))
    (again,) = plan.changes(state)
    assert pins.after_undo(8, state, (again,), False) == ()
    install(pins.changed(()))
    assert files.read(pins.PATH) == files.ABSENT


@pytest.mark.parametrize(
    ('wanted', 'keys'),
    [
        ({'message_size_limit': '2', 'smtpd_milters': 'x'}, {'message_size_limit'}),
        ({'biff': 'no', 'smtpd_milters': 'y'}, {'biff', 'smtpd_milters'}),
        ({'message_size_limit': None}, {'message_size_limit'}),
    ],
)
def test_settings_that_something_else_changed_are_named(
    main_cf: str, wanted: dict[str, str | None], keys: set[str]
) -> None:
    state = WantedState((MainCf(wanted, main_cf),))
    (change,) = plan.changes(state)
    assert set(pins.missed(state, change)) == keys


def test_a_service_is_named_though_its_line_is_not_the_changed_one(tmp_path: Path) -> None:
    path = tmp_path / 'master.cf'
    path.write_text('smtp inet n - y - - smtpd\n  -o smtpd_tls_wrappermode=no\n')
    service = MasterService('smtp', 'inet', 'smtpd', 'n', '-', 'y', options=(
        ('smtpd_tls_wrappermode', 'yes'),
    ))  # fmt: skip
    state = WantedState((MasterCf((service,), path=str(path)),))
    (change,) = plan.changes(state)
    assert pins.missed(state, change) == ('smtp inet',)


def test_a_difference_that_was_there_before_is_not_pinned(main_cf: str) -> None:
    state = WantedState((MainCf({'message_size_limit': '2', 'biff': 'no'}, main_cf),))
    now = files.read(main_cf)
    (after,) = plan.changes(WantedState((MainCf({'message_size_limit': '2'}, main_cf),)))
    install((after,))
    (pin,) = pins.after_undo(7, state, (FileChange(main_cf, after.after, now),), False)
    assert pin.key == 'message_size_limit'


def test_what_protects_is_undone_only_if_that_is_said(main_cf: str) -> None:
    with pytest.raises(MailError) as caught:
        undone(main_cf, 'smtpd_milters', 'inet:scanner')
    assert caught.value.code == 'undo-unsafe'
    assert caught.value.detail == f'{main_cf} smtpd_milters'
    Path(main_cf).write_text('smtpd_milters = x\n')
    assert undone(main_cf, 'smtpd_milters', 'inet:scanner', unsafe=True)


def test_what_follows_the_domains_is_not_undone(main_cf: str) -> None:
    with pytest.raises(MailError) as caught:
        undone(main_cf, 'myhostname', 'b.test', unsafe=True)
    assert caught.value.code == 'not-undoable'
    assert 'myhostname' in caught.value.detail


@pytest.mark.parametrize(
    'make',
    [
        lambda path: WantedState((WholeFile(path, 'new\n', owner='nobody', group='nogroup'),)),
        lambda path: WantedState((DovecotConf(path, (OTHER,), whole=True),)),
        lambda path: WantedState(absent=(path,)),
    ],
)
def test_a_file_that_is_ours_is_not_undone(
    make: Callable[[str], WantedState], tmp_path: Path
) -> None:
    path = tmp_path / 'ours'
    path.write_text('a = 1\n')
    (change,) = plan.changes(make(str(path)))
    with pytest.raises(MailError) as caught:
        pins.after_undo(
            7, make(str(path)), (FileChange(change.path, change.after, change.before),), True
        )
    assert (caught.value.code, caught.value.detail) == ('not-undoable', str(path))


def test_each_kind_of_setting_can_be_left_alone() -> None:
    services = tuple(MasterService(name, 'inet', 'smtpd') for name in ('smtp', 'other'))
    state = WantedState((
        MasterCf(services, (('smtps', 'inet'), ('x', 'unix'))),
        DovecotConf('/a', (DovecotSetting('a', '1'), OTHER), ('x.conf', 'y.conf')),
        WholeFile('/b', ''),
    ))  # fmt: skip
    left = pins.without(state, [
        Pin('/etc/postfix/master.cf', 'smtp inet', 1), Pin('/etc/postfix/master.cf', 'x unix', 1),
        Pin('/a', 'protocol imap / b', 1), Pin('/a', 'x.conf', 1), Pin('/other', 'a', 1),
    ])  # fmt: skip
    assert left.edits == (
        MasterCf(services[1:], (('smtps', 'inet'),)),
        DovecotConf('/a', (DovecotSetting('a', '1'),), ('y.conf',)),
        WholeFile('/b', ''),
    )


@pytest.mark.parametrize('text', ['', '{', '[1]', '[{"path": "x"}]', '{"a": 1}', '[{"x": 1}]'])
def test_a_damaged_file_of_pins_is_not_guessed_at(text: str, place: Path) -> None:
    place.write_text(text)
    with pytest.raises(MailError) as caught:
        pins.load()
    assert caught.value.code == 'pins-damaged'
    assert str(place) in caught.value.sentence


def test_only_root_can_read_them() -> None:
    (change,) = pins.changed([Pin('/b', 'x', 2), Pin('/a', 'y', 1)])
    assert change.after.mode == 0o600
    assert [each['path'] for each in json.loads(change.after.content)] == ['/a', '/b']
    assert change.before == File()
    install((change,))
    assert pins.changed([Pin('/a', 'y', 1), Pin('/b', 'x', 2)]) == ()


def test_without_pins_all_of_a_state_is_left() -> None:
    state = WantedState((MainCf({'a': '1'}),))
    assert pins.without(state, pins.load()) is state
