# SPDX-License-Identifier: AGPL-3.0-or-later
"""The owners of entries when a directory comes back on this box or another."""

from plinth.modules.email.backup.dump import at_home
from plinth.modules.email.directory import ldif

PEOPLE = {'alice': 'id-new', 'carol': 'id-carol'}


def entry(key: str, owner: str, identity: str, more: str = '') -> str:
    """The entry of a person as LDIF."""
    return (
        f'dn: {key},ou=mail,dc=thisbox\nfbxMailOwner: {owner}\nfbxMailOwnerId: {identity}\n{more}'
    )


OF_ALICE = entry('fbxMailAddress=alice@one.test,ou=mailboxes', 'alice', 'id-old')
OF_BOB = entry('fbxMailAddress=bob@one.test,ou=mailboxes', 'bob', 'id-bob')
OF_CAROL = entry('fbxMailAddress=carol@one.test,ou=mailboxes', 'carol', 'id-carol')
SENDING = entry(
    'fbxMailUse=send,fbxMailKeyId=abcd,ou=passwords', 'carol', 'id-old', 'fbxMailUse: send\n'
)


def owners(*entries: str) -> list[str]:
    """The owners of entries after they have come to this box."""
    records = at_home(ldif.parse('\n'.join(entries).encode()), PEOPLE)
    return [record.values('fbxMailOwnerId')[0].decode() for record in records]


def test_people_of_another_box_are_known_by_their_names() -> None:
    assert owners(OF_ALICE, OF_BOB, SENDING) == ['id-new', 'id-bob', 'id-new']


def test_on_the_same_box_no_one_gets_what_was_of_another_with_the_name() -> None:
    assert owners(OF_ALICE, OF_CAROL) == ['id-old', 'id-carol']


def test_what_only_looks_like_an_identity_stays() -> None:
    noted = entry(
        'fbxMailAddress=x@one.test,ou=aliases', 'alice', 'id-old', 'fbxMailNote: id-old\n'
    )
    (record,) = at_home(ldif.parse(noted.encode()), PEOPLE)
    assert record.values('fbxMailNote') == (b'id-old',)
