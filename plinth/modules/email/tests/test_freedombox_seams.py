# SPDX-License-Identifier: AGPL-3.0-or-later
"""FreedomBox's private interfaces are as this app uses them."""

from collections.abc import Callable
from typing import Any
from unittest.mock import Mock, patch

from freedombox.modules.letsencrypt.components import LetsEncrypt

from .. import privileged
from ..freedombox_seams import plain, show_progress, waiting_certificates


def test_progress_without_an_operation_is_fine() -> None:
    show_progress('One')


def test_progress_reaches_the_operation() -> None:
    operation = Mock()
    with patch('freedombox.operation.Operation.get_operation', return_value=operation):
        show_progress('One')
    operation.on_update.assert_called_once_with('One')


def test_the_function_behind_an_action_is_found() -> None:
    assert plain(privileged.alias_add).__name__ == 'alias_add'
    assert plain(privileged.alias_add) is not privileged.alias_add


def _component(self_made: Callable[[str], tuple[str, str] | None]) -> Any:
    return waiting_certificates(lambda names: set(names) - {'late.org'}, self_made)('x', domains=[])


def test_certificates_are_copied_of_names_that_are_ready() -> None:
    component = _component(lambda _domain: None)
    with patch.object(LetsEncrypt, '_copy_letsencrypt_certificates') as copy:
        component._copy_letsencrypt_certificates(['late.org', 'ready.org'], '/lineage')
    copy.assert_called_once_with({'ready.org'}, '/lineage')


def test_a_name_without_one_gets_ours_and_else_debians() -> None:
    component = _component({'a.org': ('/key', '/certificate')}.get)
    with patch.object(LetsEncrypt, '_copy_certificates') as copy:
        component._copy_self_signed_certificates(['a.org', 'b.org'])
    ours, other = copy.call_args_list
    assert ours.args == (['a.org'], '/key', '/certificate')
    assert other.args[0] == ['b.org']
    assert 'snakeoil' in other.args[1]
