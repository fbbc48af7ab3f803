# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line without a directory: parsing, output and exit codes."""

import json
from typing import Any

import pytest

from plinth.modules.email.command import domain, mailbox, main, output
from plinth.modules.email.command.output import Exit
from plinth.modules.email.errors import MailError

DOWN = "The user directory (LDAP) isn't answering. Check that slapd is running."


@pytest.mark.parametrize(
    ('code', 'expected'),
    [
        ('domain-missing', Exit.MISSING),
        ('no-such-change', Exit.MISSING),
        ('alias-exists', Exit.CONFLICT),
        ('domain-in-use', Exit.CONFLICT),
        ('entry-changed', Exit.CONFLICT),
        ('address-invalid', Exit.INVALID),
        ('directory-down', Exit.DOWN),
        ('unit-failed', Exit.DOWN),
        ('not-root', Exit.NOT_ROOT),
        ('mail-not-set-up', Exit.NOT_SET_UP),
        ('file-missing', Exit.FAILED),
        ('anything else', Exit.FAILED),
    ],
)
def test_exit_codes(code: Any, expected: Any) -> None:
    assert output.exit_for(code) == expected


def test_table_has_columns() -> None:
    assert output.table([('a', 'bb'), ('ccc', '')]) == ['a    bb', 'ccc']
    assert output.table([]) == []


@pytest.mark.parametrize('arguments', [[], ['domain'], ['domain', 'add'], ['undo', 'x'], ['nope']])
def test_usage_errors_end_with_two(arguments: Any, capsys: Any) -> None:
    assert main.main(arguments) == Exit.USAGE
    shown = capsys.readouterr()
    assert shown.out == ''
    assert shown.err.startswith('freedombox-email: ')
    assert '\nusage: freedombox-email' in shown.err


@pytest.mark.parametrize(
    'arguments',
    [
        ['--json'],
        ['nope', '--json'],
        ['domain', '--json'],
        ['domain', 'add', '--json'],
        ['domain', 'add', '--json', 'a.test', 'b.test'],
        ['undo', 'x', '--json'],
        ['alias', 'change', 'a@b.test', '--on', '--off', '--json'],
        ['domain', 'list', '--unknown', '--json'],
    ],
)
def test_usage_errors_as_json(arguments: Any, capsys: Any) -> None:
    assert main.main(arguments) == Exit.USAGE
    error = json.loads(capsys.readouterr().out)['error']
    assert error['code'] == 'usage-invalid'
    assert error['sentence'].endswith('.')
    assert error['detail'].startswith('usage: freedombox-email')


@pytest.mark.parametrize(
    'arguments', [['domain', 'list', '--js'], ['domain', 'remove', 'a.test', '--', '--json', 'b']]
)
def test_what_only_looks_like_json_is_not_asked_for(arguments: Any, capsys: Any) -> None:
    assert main.main(arguments) == Exit.USAGE
    assert capsys.readouterr().out == ''


@pytest.mark.parametrize('verb', main._MODULES)
def test_each_verb_is_where_it_is_said_to_be(verb: str, capsys: Any) -> None:
    with pytest.raises(SystemExit) as caught:
        main.main([verb, '--help'])
    assert caught.value.code == Exit.OK
    assert f'usage: freedombox-email {verb} ' in capsys.readouterr().out


def as_root(monkeypatch: Any, run: Any) -> None:
    monkeypatch.setattr('os.geteuid', lambda: 0)
    monkeypatch.setattr(domain, 'list_domains', run)


def test_only_root(monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr('os.geteuid', lambda: 1000)
    assert main.main(['status']) == Exit.NOT_ROOT
    assert capsys.readouterr().err == (
        'freedombox-email: This command needs root. Try again with sudo.\n'
    )


def test_errors_go_to_stderr(monkeypatch: Any, capsys: Any) -> None:
    def fail(_arguments: Any) -> None:
        raise MailError('directory-down', 'socket')

    as_root(monkeypatch, fail)
    assert main.main(['domain', 'list']) == Exit.DOWN
    shown = capsys.readouterr()
    assert shown.out == ''
    assert shown.err == f'freedombox-email: {DOWN}\nsocket\n'


def test_errors_as_json(monkeypatch: Any, capsys: Any) -> None:
    def fail(_arguments: Any) -> None:
        raise MailError('directory-down', 'socket')

    as_root(monkeypatch, fail)
    assert main.main(['domain', 'list', '--json']) == Exit.DOWN
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {
        'error': {'code': 'directory-down', 'sentence': DOWN, 'detail': 'socket'}
    }


def test_output_for_people_and_programs(monkeypatch: Any, capsys: Any) -> None:
    as_root(monkeypatch, lambda _arguments: output.Output(['one', 'two'], {'a': 'ä'}))
    assert main.main(['domain', 'list']) == Exit.OK
    assert capsys.readouterr().out == 'one\ntwo\n'
    assert main.main(['domain', 'list', '--json']) == Exit.OK
    assert json.loads(capsys.readouterr().out) == {'a': 'ä'}


class Terminal:
    """A standard input that is or is not a terminal."""

    def __init__(self, line: Any, tty: Any) -> None:
        self.line, self.tty = line, tty

    def isatty(self) -> Any:
        return self.tty

    def readline(self) -> Any:
        return self.line


def test_password_is_one_line_of_a_pipe(monkeypatch: Any) -> None:
    monkeypatch.setattr('sys.stdin', Terminal('correct horse\n', False))
    assert mailbox.read_password() == 'correct horse'


def test_password_is_asked_for_twice(monkeypatch: Any) -> None:
    answers = iter(['correct horse', 'correct hose'])
    monkeypatch.setattr('sys.stdin', Terminal('', True))
    monkeypatch.setattr('getpass.getpass', lambda _prompt: next(answers))
    with pytest.raises(MailError, match='match'):
        mailbox.read_password()


def test_no_verb_takes_a_password_as_an_argument(capsys: Any) -> None:
    for verb in ('add', 'passwd'):
        assert main.main(['mailbox', verb, 'a@example.org', 'secret-secret']) == Exit.USAGE
        assert 'Unrecognized arguments' in capsys.readouterr().err
