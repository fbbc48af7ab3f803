# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rules of the spam filter run with LuaJIT and with Lua 5.2 and later alike."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / 'data/usr/share/freedombox-email/rspamd').glob('*.lua'))
GONE = re.compile(
    r'(?<![.\w])(?:setfenv|getfenv|loadstring|module)\s*\(|table\.(?:getn|maxn)|math\.pow'
)
_BORROWED = 'local unpack = table.unpack or unpack'


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.name)
def test_nothing_is_used_that_other_versions_do_not_have(path: Path) -> None:
    code = re.sub(r'--.*', '', path.read_text(encoding='utf-8'))
    assert not GONE.search(code)
    if re.search(r'(?<![.\w])unpack\(', code):
        assert _BORROWED in code
