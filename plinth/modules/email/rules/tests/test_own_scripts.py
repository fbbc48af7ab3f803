# SPDX-License-Identifier: AGPL-3.0-or-later
"""Problems of scripts, by the lines Dovecot notes."""

from ..own_scripts import last_error

_STARTED = 'sieve: info: started log at 2026-11-30 14:26:28 +0000.\n'


def test_the_last_problem_counts() -> None:
    stopped = 'error: execution exceeded CPU time limit.'
    refused = "own: line 1: error: require command: unknown Sieve capability 'enotify'."
    assert last_error('') == ('', '')
    assert last_error(_STARTED) == ('', '')
    assert last_error(f'{_STARTED}{refused}\n{_STARTED}{stopped}\n') == ('time', stopped)
    assert last_error(f'{_STARTED}{stopped}\n{_STARTED}{refused}\n') == ('error', refused)
