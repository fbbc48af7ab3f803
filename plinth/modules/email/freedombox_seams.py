# SPDX-License-Identifier: AGPL-3.0-or-later
"""Uses of FreedomBox's private interfaces: all of them, each with the public one it would need.

Nothing else in this app touches a name of FreedomBox's that begins with an underscore, or one
that is there by accident. Two more seams cannot stand here: `__getattr__` and `__dir__` of the
packages `email` and `emailsetup` load the app's class only when FreedomBox lists the package, so
that an error in it cannot take the web interface down. A public way would be an entry point that
names the class.
"""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .words.text import Text


def plain(action: Any) -> Callable[..., Any]:
    """The function behind a root action, for programs that are root already.

    Called as it is, an action asks FreedomBox's root service; the command must work when that
    service does not. Public instead: `actions.privileged` keeping the function as `.plain`.
    """
    found: Callable[..., Any] = action.__wrapped__
    return found


def show_progress(message: 'Text') -> None:
    """Show how far the running operation is; without one there is nothing to show it on.

    FreedomBox keeps the operation on the thread that runs it, and reading it elsewhere raises
    AttributeError. Public instead: `Operation.current()`, None outside of one.
    """
    from freedombox import operation

    try:
        running = operation.Operation.get_operation()
    except AttributeError:
        return
    running.on_update(message)


def waiting_certificates(
    ready: Callable[[Collection[str]], set[str]],
    self_made: Callable[[str], tuple[str, str] | None],
) -> type[Any]:
    """The component LetsEncrypt, which copies certificates only of those names that are ready.

    Where there is none it copies the key and certificate `self_made` names; without these,
    Debian's, which is for the name of the machine. LetsEncrypt has a hook for names that changed,
    and none before a certificate is put to use. Public instead: a method of the component that says
    which names to copy now, and one that says from where if there is no certificate.
    """
    from freedombox.modules.letsencrypt.components import LetsEncrypt

    class WaitingCertificates(LetsEncrypt):
        """Certificates that are copied as soon as they may be shown."""

        def _copy_letsencrypt_certificates(self, domains: Collection[str], lineage: str) -> None:
            super()._copy_letsencrypt_certificates(ready(domains), lineage)

        def _copy_self_signed_certificates(self, domains: Collection[str]) -> None:
            for domain in domains:
                if made := self_made(domain):
                    self._copy_certificates([domain], *made)
                else:
                    super()._copy_self_signed_certificates([domain])

    return WaitingCertificates
