# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keys on disk, and what is known about them, whatever was lost."""

import base64
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ...dkim import rotation as rules
from ...dkim.rotation import Rotation
from ...errors import MailError
from .. import dkim, rotation

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DOMAIN = 'a.test'


@pytest.fixture(autouse=True, name='keys')
def fixture_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(dkim, 'KEYS', str(tmp_path / 'keys'))
    monkeypatch.setattr(dkim, 'FOLDER', tmp_path / 'state')
    monkeypatch.setattr(dkim, 'SIGNING', (tmp_path / 'new.conf', tmp_path / 'old.conf'))
    monkeypatch.setattr(dkim, '_owner', lambda: (os.geteuid(), os.getegid()))
    monkeypatch.setattr(dkim, 'BITS', 1024)
    monkeypatch.setattr(dkim, '_make_folder', lambda folder: folder.mkdir(exist_ok=True))
    return tmp_path / 'keys'


def ensured(now: datetime = NOW) -> Rotation:
    """Return what is known, with all that is missing made."""
    with dkim.locked():
        return dkim.ensured(DOMAIN, now)


def former(keys: Path) -> None:
    """Have the key of the built-in app."""
    pair = dkim.make_pair(DOMAIN, 'x')
    (keys / f'{DOMAIN}.x-rsa.key').rename(keys / f'{DOMAIN}.dkim.key')
    (keys / f'{DOMAIN}.{pair.selectors[1]}.key').unlink()


def test_a_new_domain_signs_with_two_keys_at_once(keys: Path) -> None:
    known = ensured()
    assert known.live.selectors == ('2026-11-rsa', '2026-11-ed25519')
    assert [path.stat().st_mode & 0o777 for path in keys.iterdir()] == [0o400, 0o400]
    assert ensured(NOW + timedelta(days=99)) == known == dkim.load(DOMAIN)
    assert [signer.selector for signer in dkim.signers(DOMAIN)] == list(known.live.selectors)
    state = dkim.FOLDER / f'{DOMAIN}.json'
    assert state.stat().st_mode & 0o777 == 0o600
    for path in keys.iterdir():
        assert path.read_text()[60:90] not in state.read_text() or len(path.read_text()) < 90


def test_ed25519_keys_have_the_form_rspamd_reads(keys: Path) -> None:
    pair = dkim.make_pair(DOMAIN, '2026-11')
    private = (keys / f'{DOMAIN}.2026-11-ed25519.key').read_bytes()
    assert len(base64.b64decode(private, validate=True)) == 32
    assert dkim.public_half(private) == ('ed25519', pair.keys[1].public)
    both = base64.b64decode(private) + base64.b64decode(pair.keys[1].public)
    assert dkim.public_half(base64.b64encode(both) + b'\n') == ('ed25519', pair.keys[1].public)


@pytest.mark.parametrize('private', [b'', b'-----BEGIN', b'hello', b'QUJD'])
def test_what_is_no_key(private: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        dkim.public_half(private)


def test_the_key_of_the_built_in_app_goes_on(keys: Path) -> None:
    keys.mkdir()
    former(keys)
    known = ensured()
    assert known.live.selectors == ('dkim',)
    assert known.old == ()
    assert known.since <= NOW


def test_what_rspamd_signs_with_goes_on_when_the_state_is_lost(keys: Path) -> None:
    keys.mkdir()
    former(keys)
    dkim.make_pair(DOMAIN, '2026-11')
    dkim.SIGNING[0].write_text(
        f'path = "{keys}/{DOMAIN}.2026-11-rsa.key";\npath = "{keys}/my.{DOMAIN}.dkim.key";\n'
    )
    assert dkim.signing(DOMAIN) == {'2026-11-rsa'}
    known = ensured()
    assert known.live.name == '2026-11'
    assert [each.pair.name for each in known.old] == ['dkim']
    (dkim.FOLDER / f'{DOMAIN}.json').write_text('{"format": 1')
    assert ensured() == known


def test_keys_a_backup_did_not_know_stay_published() -> None:
    ensured()
    dkim.make_pair(DOMAIN, '2027-04')
    known = ensured()
    assert known.live.name == '2026-11'
    assert [each.pair.name for each in known.old] == ['2027-04']
    assert ensured() == known


def test_a_next_pair_without_its_keys_is_given_up(keys: Path) -> None:
    known = rules.with_next(ensured(), dkim.make_pair(DOMAIN, '2026-12'), NOW)
    dkim.keep(known)
    assert ensured() == known
    (keys / f'{DOMAIN}.2026-12-rsa.key').unlink()
    mended = ensured()
    assert mended.next is None
    assert rules.following(mended.latest, NOW) == '2026-12-2'


def test_a_lost_key_is_replaced(keys: Path) -> None:
    ensured()
    (keys / f'{DOMAIN}.2026-11-rsa.key').unlink()
    assert ensured().live.selectors == ('2026-11-2-rsa', '2026-11-2-ed25519')


def test_a_spoilt_key_is_an_error_and_is_kept(keys: Path) -> None:
    keys.mkdir()
    (keys / f'{DOMAIN}.dkim.key').write_text('hello')
    with pytest.raises(MailError) as raised:
        ensured()
    assert raised.value.code == 'key-failed'
    assert (keys / f'{DOMAIN}.dkim.key').exists()


def test_private_keys_are_deleted_when_given_up(
    keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, 'dkim', dkim)
    known = rules.with_old(ensured(), [dkim.make_pair(DOMAIN, '2025-01')])
    dkim.keep(known)
    its = rules.Terms(timedelta(days=365), timedelta(days=-9))
    after = rotation._confirm(DOMAIN, its)
    assert [pair.name for pair in after.gone] == ['2025-01']
    assert sorted(path.name for path in keys.iterdir()) == [
        'a.test.2026-11-ed25519.key', 'a.test.2026-11-rsa.key',
    ]  # fmt: skip
    assert dkim.given_up(DOMAIN) == after.gone[0].keys


@pytest.mark.parametrize('name', ['../x', 'a b', '', 'a/b', '*'])
def test_names_that_are_paths_or_patterns(name: str) -> None:
    for ask in (dkim.load, dkim.on_disk, dkim.signing):
        with pytest.raises(ValueError, match='Not a host'):
            ask(name)
    with pytest.raises(ValueError, match='Not a host'):
        dkim.key_path(DOMAIN, name)


@pytest.mark.parametrize(
    ('text', 'hours'),
    [('5d\n', 120), ('5', 120), ('90m', 1.5), ('2w', 336), ('3600s', 1), ('0', 0)],
)
def test_times_of_postfix(text: str, hours: float) -> None:
    assert rotation.queue_time(text) == timedelta(hours=hours)


@pytest.mark.parametrize('text', ['', 'soon', '5y', '-1d', '$x', '99999999999d'])
def test_times_nobody_understands(text: str) -> None:
    with pytest.raises(MailError) as raised:
        rotation.queue_time(text)
    assert raised.value.code == 'queue-unknown'
