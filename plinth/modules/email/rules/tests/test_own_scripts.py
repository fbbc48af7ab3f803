# SPDX-License-Identifier: AGPL-3.0-or-later
"""Problems of scripts, by the lines Dovecot notes."""

from ..own_scripts import last_error

_STARTED = 'sieve: info: started log at 2026-11-30 14:26:28 +0000.\n'
_STOPPED = 'execution exceeded CPU time limit.'
_REFUSED = "require command: unknown Sieve capability 'enotify'."
_UNSTORED = "fileinto action: failed to store into mailbox 'A: error: b'"


def test_the_last_problem_counts() -> None:
    stopped, refused = f'error: {_STOPPED}\n', f'own: line 1: error: {_REFUSED}\n'
    assert last_error('') == ('', '')
    assert last_error(_STARTED) == ('', '')
    assert last_error(f'{_STARTED}{refused}{_STARTED}{stopped}') == ('time', _STOPPED)
    assert last_error(f'{_STARTED}{stopped}{_STARTED}{refused}') == ('error', f'line 1: {_REFUSED}')


def test_names_of_scripts_and_messages_are_left_out() -> None:
    refused = f'Club: rules: line 12: error: {_REFUSED}'
    assert last_error(refused) == ('error', f'line 12: {_REFUSED}')
    assert last_error(f'error: msgid=<1@a.test>: {_UNSTORED}') == ('error', _UNSTORED)
    assert last_error('info: msgid=<1@a.test>: line 1: error: x') == ('', '')
