# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keys on disk, and what is known about them, whatever was lost."""

import base64
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ...errors import MailError
from ...maintenance import key_rollover
from .. import key_state, keystore
from .. import rotation as rules
from ..rotation import Rotation

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DOMAIN = 'a.test'


@pytest.fixture(autouse=True, name='keys')
def fixture_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(keystore, 'KEYS', str(tmp_path / 'keys'))
    monkeypatch.setattr(keystore, 'EARLIER', str(tmp_path / 'earlier'))
    monkeypatch.setattr(key_state, 'FOLDER', tmp_path / 'state')
    monkeypatch.setattr(key_state, 'SIGNING', (tmp_path / 'new.conf', tmp_path / 'old.conf'))
    monkeypatch.setattr(keystore, '_owner', lambda: (os.geteuid(), os.getegid()))
    monkeypatch.setattr(key_state, 'BITS', 1024)
    return tmp_path / 'keys'


def ensured(now: datetime = NOW) -> Rotation:
    """The state, with all that is missing made."""
    with key_state.locked():
        return key_state.ensured(DOMAIN, now)


def former(keys: Path) -> None:
    """Have the key of the built-in app."""
    pair = key_state.make_pair(DOMAIN, 'x')
    (keys / f'{DOMAIN}.x-rsa.key').rename(keys / f'{DOMAIN}.dkim.key')
    (keys / f'{DOMAIN}.{pair.selectors[1]}.key').unlink()


def test_a_new_domain_signs_with_two_keys_at_once(keys: Path) -> None:
    known = ensured()
    assert known.live.selectors == ('2026-11-rsa', '2026-11-ed25519')
    assert [path.stat().st_mode & 0o777 for path in keys.iterdir()] == [0o640, 0o640]
    assert keys.stat().st_mode & 0o777 == 0o750
    assert ensured(NOW + timedelta(days=99)) == known == key_state.load(DOMAIN)
    assert [signer.selector for signer in key_state.signers(DOMAIN)] == list(known.live.selectors)
    state = key_state.FOLDER / f'{DOMAIN}.json'
    assert state.stat().st_mode & 0o777 == 0o600
    for path in keys.iterdir():
        assert path.read_text()[60:90] not in state.read_text() or len(path.read_text()) < 90


def test_ed25519_keys_have_the_form_rspamd_reads(keys: Path) -> None:
    pair = key_state.make_pair(DOMAIN, '2026-11')
    private = (keys / f'{DOMAIN}.2026-11-ed25519.key').read_bytes()
    assert len(base64.b64decode(private, validate=True)) == 32
    assert keystore.public_half(private) == ('ed25519', pair.keys[1].public)
    both = base64.b64decode(private) + base64.b64decode(pair.keys[1].public)
    assert keystore.public_half(base64.b64encode(both) + b'\n') == ('ed25519', pair.keys[1].public)


@pytest.mark.parametrize('private', [b'', b'-----BEGIN', b'hello', b'QUJD'])
def test_what_is_no_key(private: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        keystore.public_half(private)


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
    key_state.make_pair(DOMAIN, '2026-11')
    key_state.SIGNING[0].write_text(
        f'path = "{keys}/{DOMAIN}.2026-11-rsa.key";\npath = "{keys}/my.{DOMAIN}.dkim.key";\n'
    )
    assert key_state.signing(DOMAIN) == {'2026-11-rsa'}
    known = ensured()
    assert known.live.name == '2026-11'
    assert [each.pair.name for each in known.old] == ['dkim']
    (key_state.FOLDER / f'{DOMAIN}.json').write_text('{"format": 1')
    assert ensured() == known


def test_keys_a_backup_did_not_know_stay_published() -> None:
    ensured()
    key_state.make_pair(DOMAIN, '2027-04')
    known = ensured()
    assert known.live.name == '2026-11'
    assert [each.pair.name for each in known.old] == ['2027-04']
    assert ensured() == known


def test_a_next_pair_without_its_keys_is_given_up(keys: Path) -> None:
    known = rules.with_next(ensured(), key_state.make_pair(DOMAIN, '2026-12'), NOW)
    key_state.keep(known)
    assert ensured() == known
    (keys / f'{DOMAIN}.2026-12-rsa.key').unlink()
    mended = ensured()
    assert mended.next is None
    assert rules.following(mended.latest, NOW) == '2026-12-2'


def test_a_lost_key_is_missed_and_not_made_anew(keys: Path) -> None:
    known = ensured()
    (keys / f'{DOMAIN}.2026-11-rsa.key').rename(keys / 'aside')
    assert ensured() == known
    assert key_state.lost(DOMAIN) == ('2026-11-rsa',)
    assert [each.selector for each in key_state.signers(DOMAIN)] == ['2026-11-ed25519']
    (keys / 'aside').rename(keys / f'{DOMAIN}.2026-11-rsa.key')
    assert key_state.lost(DOMAIN) == ()
    assert len(key_state.signers(DOMAIN)) == 2


def test_the_next_pair_takes_over_from_a_lost_one_once_it_is_published(keys: Path) -> None:
    key_state.keep(rules.with_next(ensured(), key_state.make_pair(DOMAIN, '2026-12'), NOW))
    for path in keys.glob('*2026-11*'):
        path.unlink()
    known = ensured()
    assert known.asked
    assert known.live.name == '2026-11'
    assert key_state.signers(DOMAIN) == ()


def test_after_all_is_lost_no_selector_is_used_again() -> None:
    key_state.SIGNING[1].write_text(f'path = "{keystore.EARLIER}/{DOMAIN}.2026-11-rsa.key";\n')
    assert ensured().live.name == '2026-11-2'


def moved_back(keys: Path) -> Path:
    """Have keys and knowledge as a version before this one left them."""
    earlier = Path(keystore.EARLIER)
    keys.rename(earlier)
    return earlier


def test_keys_of_an_earlier_version_are_taken_over(keys: Path) -> None:
    known = ensured()
    earlier = moved_back(keys)
    assert ensured() == known
    assert {path.read_bytes() for path in keys.iterdir()} == {
        path.read_bytes() for path in earlier.iterdir()
    }
    key_state.remove_pair(DOMAIN, known.live)
    assert not [*keys.iterdir(), *earlier.iterdir()]


@pytest.mark.parametrize('planted', ['other', 'link', 'pipe', 'second name', 'garbage', 'none'])
def test_what_rspamd_may_plant_in_its_folder_is_no_key(keys: Path, planted: str) -> None:
    known = ensured()
    good = (keys / f'{DOMAIN}.2026-11-rsa.key').read_bytes()
    target = moved_back(keys) / f'{DOMAIN}.2026-11-rsa.key'
    target.unlink()
    secret = keys.parent / 'secret'
    secret.write_bytes(good)
    if planted == 'other':
        key_state.make_pair('b.test', 'x')
        target.write_bytes((keys / 'b.test.x-rsa.key').read_bytes())
    elif planted == 'link':
        target.symlink_to(secret)
    elif planted == 'pipe':
        os.mkfifo(target)
    elif planted == 'second name':
        os.link(secret, target)
    elif planted == 'garbage':
        target.write_bytes(b'hello')
    assert ensured() == known
    assert key_state.lost(DOMAIN) == ('2026-11-rsa',)
    assert secret.read_bytes() == good


def test_a_folder_of_rspamd_that_is_a_link_is_left(keys: Path, tmp_path: Path) -> None:
    known = ensured()
    moved_back(keys).rename(tmp_path / 'elsewhere')
    Path(keystore.EARLIER).symlink_to(tmp_path / 'elsewhere')
    before = (tmp_path / 'elsewhere').stat().st_mode
    assert ensured() == known
    assert len(key_state.lost(DOMAIN)) == 2
    key_state.remove_pair(DOMAIN, known.live)
    assert len([*(tmp_path / 'elsewhere').iterdir()]) == 2
    assert (tmp_path / 'elsewhere').stat().st_mode == before


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
    monkeypatch.setattr(key_rollover, 'key_state', key_state)
    known = rules.with_old(ensured(), [key_state.make_pair(DOMAIN, '2025-01')])
    key_state.keep(known)
    its = rules.Terms(timedelta(days=365), timedelta(days=-9))
    after = key_rollover._confirm(DOMAIN, its)
    assert [pair.name for pair in after.gone] == ['2025-01']
    assert sorted(path.name for path in keys.iterdir()) == [
        'a.test.2026-11-ed25519.key', 'a.test.2026-11-rsa.key',
    ]  # fmt: skip
    assert key_state.given_up(DOMAIN) == after.gone[0].keys


@pytest.mark.usefixtures('keys')
@pytest.mark.parametrize('content', [b'', b'{"format": 1', b'[]', b'\xff', b'{"format": 9}', b'{}'])
def test_a_damaged_state_is_told_and_made_again_from_the_keys(content: bytes) -> None:
    known = ensured()
    assert key_state.damage(DOMAIN) == ()
    state = key_state.FOLDER / f'{DOMAIN}.json'
    state.write_bytes(content)
    (problem,) = key_state.damage(DOMAIN)
    assert str(problem).startswith(f'The file {state} is damaged')
    assert key_state.load(DOMAIN) is None
    assert set(ensured().live.selectors) == set(known.live.selectors)
    assert key_state.damage(DOMAIN) == ()


@pytest.mark.usefixtures('keys')
def test_a_state_with_a_name_that_is_a_path_is_damaged() -> None:
    known = ensured().to_json()
    state = key_state.FOLDER / f'{DOMAIN}.json'
    state.write_text(json.dumps(known | {'domain': '../x'}))
    assert key_state.load(DOMAIN) is None
    assert 'name' in str(key_state.damage(DOMAIN)[0])


@pytest.mark.parametrize('name', ['../x', 'a b', '', 'a/b', '*'])
def test_names_that_are_paths_or_patterns(name: str) -> None:
    for ask in (key_state.load, keystore.keys_of, key_state.signing):
        with pytest.raises(MailError, match='host or domain name'):
            ask(name)
    with pytest.raises(MailError, match='host or domain name'):
        keystore.path_of(DOMAIN, name)
