# SPDX-License-Identifier: AGPL-3.0-or-later
"""FreedomBox's private interfaces are as this app uses them."""

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


def test_certificates_are_copied_of_names_that_are_ready() -> None:
    component = waiting_certificates(lambda names: set(names) - {'late.org'})('x', domains=[])
    with patch.object(LetsEncrypt, '_copy_letsencrypt_certificates') as copy:
        component._copy_letsencrypt_certificates(['late.org', 'ready.org'], '/lineage')
    copy.assert_called_once_with({'ready.org'}, '/lineage')
