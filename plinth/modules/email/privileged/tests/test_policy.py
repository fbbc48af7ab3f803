# SPDX-License-Identifier: AGPL-3.0-or-later
"""How strict a domain is: kept, read, and the mildest when in doubt."""

from pathlib import Path

import pytest

from plinth.modules.email.dns import policy
from plinth.modules.email.privileged.policy import changed, keep


def test_what_is_chosen_is_read_by_all(tmp_path: Path) -> None:
    chosen = changed(policy.Policy(), 'quarantine', 'testing')
    assert chosen.dmarc_since
    assert chosen.mta_sts_since is None
    keep('a.test', chosen, tmp_path)
    assert policy.read('a.test', tmp_path) == chosen
    assert policy.path_of('a.test', tmp_path).stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ['a.test.json']


def test_the_same_again_keeps_its_day(tmp_path: Path) -> None:
    first = changed(policy.Policy(), 'reject', 'enforce')
    assert changed(first, 'reject', 'enforce') == first
    keep('a.test', first, tmp_path)
    assert policy.read('b.test', tmp_path) == policy.Policy()


@pytest.mark.parametrize(('dmarc', 'mta_sts'), [('strict', 'testing'), ('none', 'none'), ('', '')])
def test_what_does_not_exist_is_refused(dmarc: str, mta_sts: str) -> None:
    with pytest.raises(ValueError, match='No such policy'):
        changed(policy.Policy(), dmarc, mta_sts)


@pytest.mark.parametrize(
    'text', ['', '{}', '[]', 'null', '{"dmarc": "x", "mta_sts": "y"}', '\0', '[' * 5000]
)
def test_what_cannot_be_read_is_the_mildest(tmp_path: Path, text: str) -> None:
    policy.path_of('a.test', tmp_path).write_text(text)
    assert policy.read('a.test', tmp_path) == policy.Policy()
