# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tests that edited files can touch, each with the reason: `./box test --changed`.

Unit tests, and others that import our code, are found by the imports. Tests that talk to a box
import little of it, so a table says which of them a room of the code, or a folder, is about;
what the table does not name concerns all of them. The static tests always run. This serves work
in between: an issue is done when everything has run.
"""

import fnmatch
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from . import imports
from .host import run

ALWAYS = 'tests/static'
APP = 'plinth/modules/email/'
FIRST_BOOT = 'tests/browser/test_first_boot*'
PACKAGE = 'tests/packaging/*'
EVERYTHING = '*'
_FOR_ALL_TESTS = ('pyproject.toml', 'tests/requirements.txt')
_PAGES = ('tests/browser/*',)
_MAIL = ('tests/integration/*', 'tests/attack/*')
_COMMAND = ('*/test_command.py', '*/test_manual.py', '*/in_box/test_undo.py', '*/test_resolve.py')

ROOMS: dict[str, Sequence[str]] = {
    'templates': _PAGES, 'static': _PAGES, 'templatetags': _PAGES, 'views': _PAGES,
    'forms': _PAGES, 'manifest': _PAGES, 'urls': _PAGES,
    'words': (*_PAGES, *_COMMAND),
    'command': (*_COMMAND, '*/test_answers.py'),
    'app': (*_PAGES, FIRST_BOOT, PACKAGE), 'components': (*_PAGES, PACKAGE),
    'operations': ('*/test_transfer.py', PACKAGE),
    'health': ('*/test_answers.py', '*/test_first_hour.py', '*/test_guide.py',
               '*/test_pages.py', '*/test_dns*',
               '*/test_missing_users.py', '*/test_kept_mail.py', '*/test_restarts.py', *_COMMAND),
    'sync': ('*/test_life.py', '*users.py', '*user.py', '*/test_admin.py', '*domain*',
             '*/test_collecting_names.py', '*/test_renamed_to_an_address.py', '*/test_dns_*'),
    'backup': ('*backup*', '*restore*'),
    'migration': ('*/test_take_back.py', PACKAGE),
    'privileged': ('tests/in_box/*', *_PAGES),
    'maintenance': ('tests/in_box/*', '*dkim*', '*dns*', '*/test_unchanged.py', '*/test_life.py'),
    'config': ('tests/in_box/*', *_MAIL, '*/test_life.py', '*/test_answers.py', '*/test_sogo.py'),
    'system': ('tests/in_box/*', '*/test_password.py', '*/test_transfer.py', '*certificates*'),
    'activity': ('*/test_answers.py', '*/test_admin.py', '*/test_first_hour.py', *_COMMAND,
                 '*/test_who_gets_mail.py', '*/test_sessions.py'),
    'mailstore': ('*kept_mail*', '*people*', '*users*', '*restore*', '*backup*', '*/test_search.py',
                  '*/test_reading.py'),
    'filtering': ('*junk*', '*learned*', '*strangers*', '*from_lines*'),
    'rules': ('*sieve*', '*vacation*', '*away*'),
    'sending': ('*/test_guide.py', '*outbound_tls*', '*system_mail*', '*password*', '*forward*'),
    'authentication': ('*guessing*', '*sign_in*', '*password*', '*jails*'),
    'clients': ('*clients*', '*identities*', '*webmail*', '*roundcube*', '*sogo*', '*/test_my.py'),
    'reports': ('*reports*', '*dmarc*'),
    'dkim': ('*dkim*', '*/test_dns_records.py', '*/test_dns_push.py', *_COMMAND),
    'dns': ('*dns*', '*reach*', '*/test_first_hour.py', '*/test_answers.py', *_COMMAND,
            '*/test_outbound_tls.py'),
    'transaction': ('tests/in_box/*', 'tests/lenses/*', '*/test_restarts.py', '*/test_unchanged.py',
                    '*/test_life.py', '*/test_answers.py'),
    'directory': ('tests/in_box/*', 'tests/attack/*', *_PAGES, '*addresses*', '*who_*',
                  '*password*', '*user*', '*domain*', '*identities*', '*search*'),
}  # fmt: skip
"""For each room of the app the tests below tests/ that are about it; all for those not here."""

FOLDERS: dict[str, Sequence[str]] = {
    'plinth/modules/emailsetup/*': (FIRST_BOOT,),
    'debian/*': (PACKAGE,),
    'setup.py': (PACKAGE,),
    'conftest.py': (), 'plinth/conftest.py': (),
    'doc/man/*': ('*/test_manual.py', '*/test_command.py'),
    'doc/*': (), 'README.md': (), '.gitignore': (),  # the static tests read them
    'lab/*': (), 'box': (), '.ci/*': (), 'tests/*': (),  # by their imports
    'actions/freedombox-email': _COMMAND,
    'actions/sieve*': ('*sieve*', '*junk*', '*learned*'),
    'actions/learn-moved': ROOMS['filtering'], 'actions/auth-policy': ROOMS['authentication'],
    'actions/identities': ROOMS['clients'], 'actions/tls-policy': ROOMS['sending'],
    'actions/limits': ROOMS['sending'], 'actions/tell-owners': ROOMS['sending'],
    'actions/guard-duty': ('*guarded*',),
    'actions/quarantine-digest': ('*possible_spam*', '*quarantine*'),
    'actions/srs': ROOMS['sending'],
    'actions/read-reports': ROOMS['reports'], 'actions/rotate-keys': ROOMS['dkim'],
    'actions/check-records': ROOMS['dns'],
    'actions/*': ('tests/in_box/*', *_MAIL),
    'data/usr/share/freedombox-email/rspamd/*': _MAIL,
    'data/usr/share/freedombox-email/sieve/*': ('*sieve*', '*junk*', '*learned*'),
    'data/usr/share/freedombox-email/roundcube/*': ROOMS['clients'],
    'data/usr/share/roundcube/*': ROOMS['clients'],
    'data/var/lib/roundcube/*': ROOMS['clients'],
    'data/usr/share/augeas/*': ('tests/lenses/*', '*/test_transaction.py'),
    'data/usr/share/freedombox/etc/apache2/*': (*_PAGES, '*/test_clients.py'),
    'data/usr/share/freedombox/etc/fail2ban/*': ROOMS['authentication'],
    'data/usr/share/freedombox/manual/*': ('*/test_pages.py',),
    'data/usr/share/bash-completion/*': ('*/test_command.py',),
}  # fmt: skip
"""The same for files outside the app."""


@dataclass(frozen=True)
class ChosenTest:
    """One test file, or a folder of them, and the reason to run it."""

    path: str
    reason: str


def edited(root: Path, since: str = '') -> list[str]:
    """Files that differ from a commit, or are new, or were deleted.

    The commit is, unless named, the one where this branch left `main`; on `main` the last one.
    """
    commit = since or _left_main(root)
    listings = (
        ['diff', '--name-only', '--no-renames', '-z', commit, '--'],
        ['ls-files', '--others', '--exclude-standard', '-z'],
    )
    found = (run(['git', '-C', root, *words]).stdout.split('\0') for words in listings)
    return sorted({name for names in found for name in names if name})


def _left_main(root: Path) -> str:
    done = run(['git', '-C', root, 'merge-base', 'HEAD', 'main'], check=False)
    return done.stdout.strip() if done.returncode == 0 else 'HEAD'


def choose(root: Path, files: Sequence[str], changes: Iterable[str]) -> list[ChosenTest]:
    """The tests among all files of the tree that these changes can touch."""
    changes = sorted(changes)
    if set(changes) & set(_FOR_ALL_TESTS):
        changes.append('conftest.py')
    reasons = {ALWAYS: 'always'}
    tests = [name for name in files if is_test(name) and not name.startswith(ALWAYS)]
    ways = imports.reaching(_uses(root, sorted({*files, *changes})), changes)
    for name in tests:
        if name in ways:
            reasons[name] = _way(ways[name])
    for change in changes:
        for name in _about(change, tests):
            reasons.setdefault(name, f'is about {_place(change)}, where {change} is')
    return [ChosenTest(*pair) for pair in sorted(reasons.items())]


def is_test(name: str) -> bool:
    """Whether pytest takes a file for tests."""
    return fnmatch.fnmatch(PurePosixPath(name).name, 'test_*.py')


def _way(files: Sequence[str]) -> str:
    if len(files) == 1:
        return 'is edited'
    return 'needs ' + ', which needs '.join(files[1:])


def _uses(root: Path, files: Sequence[str]) -> dict[str, set[str]]:
    """For each file the ones it needs: those it imports, and others that it names."""
    found = imports.uses(root, files)
    named = {PurePosixPath(name).name: name for name in files if _can_be_named(name)}
    for name in files:
        path = root / name
        if path.suffix in ('.py', '.html') and path.is_file():
            words = set(re.findall(r'[\w.-]+', path.read_text(encoding='utf-8')))
            found.setdefault(name, set()).update(named[word] for word in words & named.keys())
    return found


def _can_be_named(name: str) -> bool:
    """Whether the name of a file tells it from others: of a template, a program, a setting."""
    path = PurePosixPath(name)
    return path.suffix != '.py' and len(path.name) > 6 and path.parts[0] in ('plinth', 'actions')


def _about(change: str, tests: Sequence[str]) -> list[str]:
    """The tests on a box that the table has for a change."""
    patterns = patterns_for(change)
    return [name for name in tests if any(fits(name, pattern) for pattern in patterns)]


def fits(name: str, pattern: str) -> bool:
    """Whether a pattern means a test; those with a machine of their own only when it names them."""
    for own in (FIRST_BOOT, PACKAGE):
        if fnmatch.fnmatch(name, own):
            return pattern in (own, EVERYTHING)
    return name.startswith('tests/') and fnmatch.fnmatch(name, pattern)


def patterns_for(change: str) -> Sequence[str]:
    """Patterns of the tests on a box that a change concerns."""
    if '/tests/' in change:
        return ()
    if change.startswith(APP):
        return ROOMS.get(_room(change), (EVERYTHING,))
    found = (tests for folder, tests in FOLDERS.items() if fnmatch.fnmatch(change, folder))
    return next(found, (EVERYTHING,))


def _room(change: str) -> str:
    return change.removeprefix(APP).partition('/')[0].removesuffix('.py')


def _place(change: str) -> str:
    return _room(change) if change.startswith(APP) else change.rpartition('/')[0] or 'the tree'
