# SPDX-License-Identifier: AGPL-3.0-or-later
"""Controls of LDAP operations: paged lists, assertions, and transactions.

A page of a long, sorted list is cut out by slapd (its overlay `sssvlv`). Two controls go with
a search: RFC 2891 sorts on the server, the virtual list view of
draft-ietf-ldapext-ldapv3-vlv picks entries by position and tells how many there are.
RFC 4528 has slapd do something only if an entry meets a filter, RFC 5805 many things at once.
The LDAP library knows none of them, so their few BER values are put together here.
"""

from pyasn1.codec.ber import decoder

Control = tuple[str, bool, bytes]

_SORT = '1.2.840.113556.1.4.473'
_VIEW = '2.16.840.1.113730.3.4.9'
_VIEW_ANSWER = '2.16.840.1.113730.3.4.10'
START_TRANSACTION, END_TRANSACTION = '1.3.6.1.1.21.1', '1.3.6.1.1.21.3'
_IN_TRANSACTION = '1.3.6.1.1.21.2'
_ASSERTION = '1.3.6.1.1.12'
_EQUAL = 0xA3
_BOOLEAN, _INTEGER, _TEXT, _SEQUENCE, _BY_OFFSET = 0x01, 0x02, 0x04, 0x30, 0xA0


def _ber(tag: int, content: bytes) -> bytes:
    """A short value in BER; nothing we send is longer than 127 bytes."""
    return bytes((tag, len(content))) + content


def _number(value: int) -> bytes:
    """A number in BER."""
    return _ber(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1))


def page(attribute: str, offset: int, limit: int, total: int = 0) -> list[Control]:
    """The controls for `limit` entries from number `offset` (0 is the first).

    With `total` given, slapd moves the offset into the list if that became shorter
    meanwhile; without, an offset behind its end is an error.
    """
    place = _ber(_BY_OFFSET, _number(offset + 1) + _number(total))
    view = _ber(_SEQUENCE, _number(0) + _number(limit - 1) + place)
    order = _ber(_SEQUENCE, _ber(_SEQUENCE, _ber(_TEXT, attribute.encode())))
    return [(_SORT, True, order), (_VIEW, True, view)]


def assertion(attribute: str, value: str) -> Control:
    """The control that an attribute must have this value, or nothing is done."""
    both = _ber(_TEXT, attribute.encode()) + _ber(_TEXT, value.encode()[:80])
    return (_ASSERTION, True, _ber(_EQUAL, both))


def in_transaction(identifier: bytes) -> Control:
    """The control by which an operation waits for the end of its transaction."""
    return (_IN_TRANSACTION, True, identifier)


def end_transaction(identifier: bytes, commit: bool) -> bytes:
    """The value of the request that ends a transaction."""
    choice = b'' if commit else _ber(_BOOLEAN, b'\0')
    return _ber(_SEQUENCE, choice + _ber(_TEXT, identifier))


def total(answer: dict[str, dict[str, bytes]]) -> int:
    """How many entries the list has, from the controls of slapd's answer."""
    value = answer.get(_VIEW_ANSWER, {}).get('value', b'')
    return int(decoder.decode(value)[0][1]) if value else 0
