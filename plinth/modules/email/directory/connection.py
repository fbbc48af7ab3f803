# SPDX-License-Identifier: AGPL-3.0-or-later
"""The connection to FreedomBox's slapd, and its errors in our words.

slapd knows who we are from the socket (SASL EXTERNAL over ldapi): root may do anything,
the users of the daemons and of the web interface may read.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ldap3 import EXTERNAL, LEVEL, NONE, SASL, Connection, Server
from ldap3.core import exceptions

from ..errors import MailError
from ..system import systemd

SOCKET_URI = 'ldapi:///run/slapd/ldapi'
ROOT = 'gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth'
LONGEST_PASSWORD = 1024
_CONNECT_SECONDS = 3
_COME_SECONDS = 5
_NOTICE_SECONDS = 1
"""systemd hears of a crash a moment after those whose connection it closed."""
_LOOK_SECONDS = 0.05
_ANSWER_SECONDS = 20
_PAGE_SECONDS = 5
"""Those who only read wait no longer: pages, and daemons that others wait for."""
_COMMIT_SECONDS = 300
_SETTLE_SECONDS = 10.0
_UNIT = 'slapd.service'
_CONNECTIONS = 'cn=Connections,cn=Monitor'
_STILL_WORKING = f'(&(monitorConnectionAuthzDN={ROOT})(monitorConnectionOpsExecuting>=2))'

_CODES = (
    (
        exceptions.LDAPNoSuchObjectResult,
        'entry-missing',
    ),
    (
        exceptions.LDAPEntryAlreadyExistsResult,
        'entry-exists',
    ),
    (
        (
            exceptions.LDAPNoSuchAttributeResult,
            exceptions.LDAPAttributeOrValueExistsResult,
            exceptions.LDAPAssertionFailedResult,
        ),
        'entry-changed.other',
    ),
    (
        exceptions.LDAPInsufficientAccessRightsResult,
        'directory-refused.root',
    ),
    (
        (exceptions.LDAPInvalidAttributeSyntaxResult, exceptions.LDAPConstraintViolationResult),
        'value-invalid',
    ),
    (
        (
            exceptions.LDAPCommunicationError,
            exceptions.LDAPUnavailableResult,
            exceptions.LDAPBusyResult,
            exceptions.LDAPTimeLimitExceededResult,
        ),
        'directory-down',
    ),
)


def to_mail_error(error: exceptions.LDAPException) -> MailError:
    """An error of the directory as MailError; the detail is slapd's own."""
    for kinds, code in _CODES:
        if isinstance(error, kinds):
            return MailError(code, str(error))
    return MailError('directory-failed', str(error))


@contextmanager
def mapped_errors() -> Iterator[None]:
    """Turn errors of the LDAP library into ours."""
    try:
        yield
    except exceptions.LDAPException as error:
        raise to_mail_error(error) from error


def connect(uri: str = SOCKET_URI) -> Connection:
    """An open connection as the user this process runs as.

    While systemd restarts slapd, also after a crash, it waits for it a little.
    """
    begun = time.monotonic()
    with mapped_errors():
        while True:
            try:
                return _connect(uri)
            except exceptions.LDAPSocketReceiveError:
                if not _is_coming(begun):
                    raise  # it is there and does not answer
            except exceptions.LDAPCommunicationError:
                if time.monotonic() > begun + _COME_SECONDS or not _is_coming(begun):
                    break
            time.sleep(_LOOK_SECONDS)
        return _connect(uri)  # it may have come while systemd was asked


def _is_coming(begun: float) -> bool:
    """Whether systemd is about to start slapd, or may not have noticed yet that it has to."""
    just_lost = time.monotonic() < begun + _NOTICE_SECONDS
    return systemd.is_coming(_UNIT, _COME_SECONDS, just_lost)


def _connect(uri: str) -> Connection:
    # Reading the server's whole schema would cost more than most of our searches.
    server = Server(uri, get_info=NONE, connect_timeout=_CONNECT_SECONDS)
    connection = Connection(
        server,
        authentication=SASL,
        sasl_mechanism=EXTERNAL,
        sasl_credentials='',
        raise_exceptions=True,
        check_names=False,
        receive_timeout=_PAGE_SECONDS if os.geteuid() else _ANSWER_SECONDS,
    )
    try:
        connection.bind()
    except exceptions.LDAPException:
        disconnect(connection)
        raise
    return connection


@contextmanager
def patience(connection: Connection) -> Iterator[None]:
    """Wait long for an answer: thousands of changes take their time on a slow disk."""
    connection.socket.settimeout(_COMMIT_SECONDS)
    yield
    if connection.socket:
        connection.socket.settimeout(_ANSWER_SECONDS)


def _is_working(connection: Connection) -> bool:
    """Whether slapd works on more for root than on this question."""
    with suppress(exceptions.LDAPNoSuchObjectResult):  # before the first set-up
        connection.search(_CONNECTIONS, _STILL_WORKING, LEVEL, attributes=['1.1'])
        return bool(connection.response)
    return False


def settle(connection: Connection) -> None:
    """Wait until slapd has put away the last change of a transaction, which it answers before.

    Where the end of the transaction overtakes that, two threads have the same change in hands,
    and slapd 2.6 ends with a segmentation fault (`txn_preop` answers, and only then does
    `fe_op_modify` give the change another database).
    """
    deadline = time.monotonic() + _SETTLE_SECONDS
    while _is_working(connection):
        if time.monotonic() > deadline:
            raise MailError('directory-busy')


def _can_be_tried(password: str) -> bool:
    """Whether a password can be tried; slapd hangs up on one that is too long."""
    return 0 < len(password) <= LONGEST_PASSWORD and not any(
        0xD800 <= ord(sign) <= 0xDFFF for sign in password
    )


def password_fits(uri: str, dn: str, password: str) -> bool:
    """Whether a login as an entry succeeds."""
    if not _can_be_tried(password):
        return False
    connection = Connection(
        Server(uri, get_info=NONE, connect_timeout=_CONNECT_SECONDS),
        dn,
        password.encode(),  # as it is: the library would refuse or change signs of some languages
        check_names=False,
        receive_timeout=_ANSWER_SECONDS,
    )
    with mapped_errors():
        try:
            return bool(connection.bind())
        except exceptions.LDAPPasswordIsMandatoryError:
            return False
        finally:
            disconnect(connection)


def disconnect(connection: Connection) -> None:
    """Close a connection; one that is already lost is no error."""
    with suppress(exceptions.LDAPException):
        connection.unbind()
    if connection.socket:
        connection.socket.close()
