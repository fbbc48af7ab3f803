# SPDX-License-Identifier: AGPL-3.0-or-later
"""Errors of slapd about entries, with the kind and key of the entry."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import MailError
from . import connection as ldap
from .entry import Entry


@contextmanager
def set_up() -> Iterator[None]:
    """Say that email is not set up where the tree our entries are in is not there."""
    try:
        with ldap.mapped_errors():
            yield
    except MailError as error:
        if error.code != 'entry-missing':
            raise
        raise MailError('mail-not-set-up') from error


@contextmanager
def named(kind: type[Entry], key: str) -> Iterator[None]:
    """Say which entry it was that is missing or exists already."""
    try:
        with ldap.mapped_errors():
            yield
    except MailError as error:
        if error.code == 'entry-missing':
            raise missing(kind, key) from error
        if error.code == 'entry-exists':
            raise exists(kind, key) from error
        raise


def exists(kind: type[Entry], key: str) -> MailError:
    """The error that there is such an entry already."""
    return MailError(f'{kind.NOUN}-exists.key', key=key)


def missing(kind: type[Entry], key: str) -> MailError:
    """The error that there is no such entry."""
    return MailError(f'{kind.NOUN}-missing.key', key=key)
