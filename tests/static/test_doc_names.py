# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names in the README and doc/: each file, function, test, verb and error code exists.

A name is text in code style. Other programs have names, too: those that the tree also writes,
such as parameters of Postfix, are found there, and FOREIGN has the rest.
"""

import ast
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from plinth.modules.email.words.errors import SENTENCES

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / 'README.md', *sorted((ROOT / 'doc').glob('*.md'))]
PLACES = ('', 'plinth/modules/email', 'plinth/modules', 'tests')
"""Folders in which paths on our pages begin."""

FOREIGN: dict[str, str] = {
    'FreedomBox': 'users_login.html main.js privileged.py Operation.current() '
    'Operation.get_operation() LetsEncrypt._copy_letsencrypt_certificates '
    '/etc/roundcube/freedombox-config.php',
    'Debian and systemd': 'dbconfig-common python3-spf unstable a2query br_netfilter '
    'Recommends StartLimitBurst TimeoutStopSec ActiveEnterTimestamp StateChangeTimestamp '
    'dbus-python python-apt apt_pkg.init_system freedombox-email-expire-next.timer '
    'cgroup.procs fs.inotify.max_user_instances',
    'Postfix': 'trivial-rewrite virtual_alias_recursion_limit postfix/submission/smtpd '
    'KLUDGE_HEADER_LIMIT cleanup_replace_stray_cr_lf',
    'Dovecot': 'fts_autoindex_max_recent_msgs fts_decoder_driver stopwords dovecot-uidlist',
    'Rspamd': 'BROKEN_HEADERS R_MIXED_CHARSET signing_table key_table rspamd_util.lower_utf8 '
    'override.d lua_util.maybe_smtp_quote_value',
    'Certbot': 'reuse_key',
    'Chromium': 'ERR_NETWORK_CHANGED',
    'Apache and HTTP': 'LimitRequestBody includeSubDomains',
    'Roundcube and PHP': 'default_host smtp_server smtp_port ini_get PHP_VALUE'
    ' show_images mdn_requests identicon roundcube-auth',
    'Thunderbird and K-9': 'FetchConfig ProviderAutoconfigUrlProvider '
    'mailnews.auto_config.fetchFromISP.sslOnly _autodiscover._tcp',
    'Django, Python and Lua': 'makemessages Http404 '
    'StreamReader.read(n) StreamReader.readline() lower() strip() splitlines()',
    'the built-in app': 'aliases.sqlite3',
}
"""Names of other programs that only our pages have, by program."""

_FOREIGN = {word for words in FOREIGN.values() for word in re.findall(r'\S+', words)}
_OURS = re.compile(r'[\w./-]+\.(?:py|lua|md|css|sieve|aug|inc)')
_FILE = re.compile(r'[\w./-]+\.(?:json|ldif|conf|cf|html|js|php|service|timer|path|socket)')
_PATH = re.compile(r'(?=.*/)[\w./*-]+')
_NAME = re.compile(r'(\w+(?:\.\w+)*)(\(.*\))?')
_DOMAIN = re.compile(r'\S+\.(?:test|example|invalid|org|local|DOMAIN)\.?|[\d.]+')
_CODE = re.compile(r'[a-z]+\d*(?:-[a-z\d]+)+')


class Name(NamedTuple):
    """A text in code style, and the page it is on."""

    page: str
    text: str


def _names() -> Iterator[Name]:
    """All texts in code style: between back quotes, and lines of commands."""
    for page in PAGES:
        text = re.sub(r'^```.*?^```$', '', page.read_text('utf-8'), flags=re.M | re.S)
        yield from (Name(page.name, line) for line in re.findall(r'^ {4}(\S.*)$', text, re.M))
        for paragraph in re.split(r'\n\s*\n|\n(?=[|-])', text):
            for quoted in re.findall(r'`([^`]+)`', paragraph):
                yield Name(page.name, re.sub(r'\s+', ' ', quoted))


NAMES = sorted(set(_names()))
FILES = subprocess.run(
    ['git', 'ls-files', '-co', '--exclude-standard'], cwd=ROOT, capture_output=True, text=True,
    check=True,
).stdout.splitlines()  # fmt: skip
BASES = Counter(name.rpartition('/')[2] for name in FILES if (ROOT / name).is_file())
SOURCES = [
    ROOT / name
    for name in FILES
    if not re.search(r'\.(?:md|png|po)$', name)
    and name != f'tests/static/{Path(__file__).name}'
    and (ROOT / name).is_file()
]


@cache
def _trees() -> dict[Path, ast.Module]:
    """The Python files of the tree."""
    python = [path for path in SOURCES if path.suffix == '.py' or path.parent.name == 'actions']
    texts = {path: path.read_text('utf-8') for path in python}
    return {
        path: ast.parse(text)
        for path, text in texts.items()
        if path.suffix == '.py' or text.startswith('#!/usr/bin/python3')
    }


@cache
def _nodes() -> list[ast.AST]:
    """All nodes of all Python files."""
    return [node for tree in _trees().values() for node in ast.walk(tree)]


@cache
def _text() -> str:
    """The text of all other files, and the names and strings of Python, without its comments."""
    other = [path for path in SOURCES if path not in _trees()]
    parts = [path.read_text('utf-8', errors='replace') for path in other]
    for node in _nodes():
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = ''  # a docstring; nodes come before those in them
        elif isinstance(node, ast.Constant):
            parts.append(str(node.value))
        else:
            names = (getattr(node, each, None) for each in ('name', 'id', 'attr', 'arg', 'module'))
            parts += [name for name in names if isinstance(name, str)]
    return '\n'.join(parts)


@cache
def _words() -> frozenset[str]:
    """All words of the tree."""
    return frozenset(re.findall(r'\w[\w-]*', _text()))


def _defined(node: ast.AST) -> Iterator[str]:
    """The names that a statement of a module or class defines or imports."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (each.id for each in targets if isinstance(each, ast.Name))
    elif isinstance(node, ast.ImportFrom):
        yield from (each.asname or each.name for each in node.names)


def _shared(tree: ast.Module) -> set[str]:
    """Modules all of whose names a module has too."""
    return {
        str(node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.names[0].name == '*'
    }


@cache
def _members() -> dict[str, set[str]]:
    """Names in each module and class; a class has those of its bases, a folder its modules."""
    members: dict[str, set[str]] = defaultdict(set)
    bases: dict[str, set[str]] = defaultdict(set)
    shared: dict[str, set[str]] = defaultdict(set)
    for path, tree in _trees().items():
        stem = path.parent.name if path.stem == '__init__' else path.stem
        members[path.parent.name].add(stem)
        members[path.parent.parent.name].add(path.parent.name)
        members[stem].update(name for node in tree.body for name in _defined(node))
        shared[stem].update(_shared(tree))
    for stem, modules in shared.items():
        members[stem].update(name for module in modules for name in members[module])
    for each in _nodes():
        if isinstance(each, ast.ClassDef):
            members[each.name].update(name for node in each.body for name in _defined(node))
            bases[each.name].update(n.id for n in each.bases if isinstance(n, ast.Name))
    for _generation in range(6):
        for name, above in bases.items():
            members[name].update(each for base in above for each in members[base])
    return members


@cache
def _parameters() -> dict[str, set[str]]:
    """Parameters of each function, and fields and parameters of each class, by name."""
    found: dict[str, set[str]] = defaultdict(set)
    for node in _nodes():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name].update(each.arg for each in ast.walk(node.args) if 'arg' in vars(each))
        elif isinstance(node, ast.ClassDef):
            inits = [each for each in ast.walk(node) if getattr(each, 'name', '') == '__init__']
            names = (
                arg.arg for each in inits for arg in ast.walk(each) if isinstance(arg, ast.arg)
            )
            found[node.name].update(names, *map(_defined, node.body))
    return found


def _exists(path: str) -> bool:
    """Whether a path of a page leads to a file of ours; a bare name must mean one file only."""
    return any((ROOT / place / path).exists() for place in PLACES) or BASES[path] == 1


def _is_known(path: str) -> bool:
    """Whether the tree has a path, or writes it; placeholders stand for anything."""
    fixed = re.split(r'[^/]*(?:\*|\b[A-Z]+\b)', path)[0]
    parts = [part for part in fixed.split('/') if part]
    return (
        _exists(fixed)
        or BASES[path] > 0
        or (ROOT / 'data' / fixed[1:]).exists()
        or fixed in _text()
        or (path.startswith('/') and all(part in _text() for part in parts))
    )


def _is_defined(text: str) -> bool:
    """Whether a name, with or without a module or class before it, is defined in the tree."""
    name, _bracket, arguments = text.partition('(')
    *_above, owner, last = ['', *name.split('.')]
    given = set(re.findall(r'(?<![\w.\[])([a-z]\w*)(?=[,)=])', arguments))
    is_there = last in _members()[owner] if owner else any(
        last in names for names in _members().values()
    )  # fmt: skip
    return is_there and given <= _parameters()[last]


def _is_word(text: str) -> bool:
    return text in _words() or text in BASES


def _question(text: str) -> Callable[[str], bool] | None:
    """The test whether a text names something that exists; None for texts that are no names."""
    if text in _FOREIGN or _DOMAIN.fullmatch(text):
        return None
    if _OURS.fullmatch(text):
        return _exists
    if _FILE.fullmatch(text) or _PATH.fullmatch(text):
        return _is_known
    if found := _NAME.fullmatch(text):
        return _is_defined if '.' in found[1] or found[2] else _is_word
    return _is_word if _CODE.fullmatch(text) else None


ASKED = [(name, ask) for name in NAMES if (ask := _question(name.text))]


def _none_of(wrong: Iterable[Name]) -> None:
    lines = [f'{name.page}: {name.text}' for name in wrong]
    assert not lines, 'Not in the tree:\n' + '\n'.join(lines)


def test_names_are_found() -> None:
    """A rule that reads nothing is kept by everything."""
    asked = Counter(ask for _name, ask in ASKED)
    assert asked[_exists] > 200
    assert asked[_is_known] > 150
    assert asked[_is_defined] > 60
    codes = {key.partition('.')[0] for key in SENTENCES}
    assert len({name.text for name in NAMES} & codes) > 8


def test_each_name_exists() -> None:
    _none_of(name for name, ask in ASKED if not ask(name.text))


def test_each_exception_is_needed() -> None:
    named = {name.text for name in NAMES}
    assert {each for each in _FOREIGN if each not in named} == set()


def _quoted(pattern: str) -> list[Name]:
    """Parts of the texts in code style."""
    return [Name(page, part) for page, text in NAMES for part in re.findall(pattern, text)]


def test_each_named_test_exists() -> None:
    named = _quoted(r'(?<![\w/])(?:[\w/]+/)?test_\w+\.py')
    assert len(named) > 40
    _none_of(each for each in named if not _exists(each.text))


def test_each_named_path_of_the_tree_exists() -> None:
    named = _quoted(r'(?<![\w/.-])(?:plinth|tests|lab|data|actions|debian)/[\w./-]*\w(?![\w*])')
    assert len(named) > 30
    _none_of(each for each in named if not _is_known(each.text))


def test_each_verb_of_the_box_exists() -> None:
    cli = (ROOT / 'lab/cli.py').read_text('utf-8')
    verbs = set(re.findall(r"add_parser\('([a-z]+)'", cli))
    named = _quoted(r'(?<=\./box )[a-z]+')
    assert len(named) > 20
    _none_of(each for each in named if each.text not in verbs)


def test_each_named_command_is_in_the_manual_page() -> None:
    manual = (ROOT / 'doc/man/freedombox-email.8').read_text('utf-8').replace('\\-', '-')
    groups = '|'.join(set(re.findall(r'^\.B freedombox-email (\S+) \S', manual, re.MULTILINE)))
    verbs = rf'(?:(?:{groups}) [a-z-]+|[a-z-]+)'
    named = _quoted(rf'(?<=freedombox-email ){verbs}') + _quoted(rf'^(?:{groups}) [a-z][a-z-]+')
    assert len(named) > 20
    described = set(
        re.findall(r'(?:^\.B |^\.B freedombox-email |" ?)([a-z][a-z -]+)["\n]', manual, re.M)
    )
    _none_of(each for each in named if each.text not in described)


STYLE = re.compile(
    r'\b(?:who|what|which)ever\b|\b(?:some|no|any|every)body\b|\be-mails?\b|\bby itself\b'
    r'|\bfor good\b|\bas it should be\b|\b(?:he|his|him)\b|recognis|authoris|cancell|colour',
    re.IGNORECASE,
)
"""Words that hide the subject of a sentence, or that FreedomBox spells in another way."""


def test_pages_are_in_plain_words() -> None:
    lines = [
        f'{page.name}:{number}: {found[0]}'
        for page in PAGES
        for number, line in enumerate(page.read_text('utf-8').splitlines(), start=1)
        if (found := STYLE.search(re.sub(r'`[^`]*`', '', line)))
    ]
    assert not lines, 'Say it in plain words:\n' + '\n'.join(lines)
