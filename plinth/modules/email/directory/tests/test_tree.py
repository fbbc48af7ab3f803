# SPDX-License-Identifier: AGPL-3.0-or-later
"""A saved directory becomes entries of our kinds at their own names, or is refused."""

import pytest

from plinth.modules.email.directory import ldif, tree
from plinth.modules.email.errors import MailError

HASH = '{ARGON2}$argon2id$v=19$m=7168,t=5,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo'
_BELOW = 'ou=mail,dc=thisbox'
TOP = f"""dn: {_BELOW}
objectClass: organizationalUnit
objectClass: fbxMailSettings
ou: mail
fbxMailPrimaryDomain: one.test
"""
BRANCH = f"""dn: ou=aliases,{_BELOW}
ou: aliases
objectClass: organizationalUnit
"""
MAILBOX = f"""dn: fbxMailAddress=shop@one.test,ou=mailboxes,{_BELOW}
objectClass: fbxMailbox
fbxMailAddress: shop@one.test
fbxMailEnabled: TRUE
userPassword: {HASH}
fbxMailResetHash: 0123
fbxMailResetExpires: 20300101000000Z
"""
ALIAS = f"""dn: fbxMailAddress=a@one.test,ou=aliases,{_BELOW}
objectClass: fbxMailAlias
fbxMailAddress: a@one.test
fbxMailDestination: shop@one.test
fbxMailEnabled: TRUE
fbxMailOrigin: admin
"""


def device(use: str, key: str = 'k7f3') -> str:
    name = f'fbxMailKeyId={key},ou=passwords,ou=mail,dc=thisbox'
    dn = f'fbxMailUse=send,{name}' if use == 'send' else name
    return (
        f'dn: {dn}\nobjectClass: fbxMailAppPassword\nfbxMailKeyId: {key}\nfbxMailOwner: alice\n'
        f'fbxMailOwnerId: 12345678-1234-1234-1234-123456789012\nfbxMailNote: phone\n'
        f'fbxMailCreated: 20260101000000Z\nfbxMailUse: {use}\nuserPassword: {HASH}\n'
    )


def check(*entries: str) -> tree.Tree:
    return tree.check(ldif.parse('\n'.join(entries).encode()))


def refused(*entries: str) -> str:
    with pytest.raises(MailError) as caught:
        check(*entries)
    return caught.value.code


def test_a_whole_tree() -> None:
    found = check(TOP, BRANCH, MAILBOX, ALIAS, device('send'), device('read'))
    assert found.settings.primary_domain == 'one.test'
    assert not found.left_out
    assert [node.key[1:] for node in found.nodes] == [
        ('a@one.test', ''), ('k7f3', 'read'), ('k7f3', 'send'), ('shop@one.test', ''),
    ]  # fmt: skip
    (mailbox,) = [node for node in found.nodes if node.key[1] == 'shop@one.test']
    assert mailbox.values['userPassword'] == (HASH,)
    assert not {'fbxMailResetHash', 'fbxMailResetExpires'} & set(mailbox.values)


FOREIGN = {
    'a user': 'dn: uid=eve,ou=users,dc=thisbox\nobjectClass: account\nuid: eve\n',
    'our kind outside': ALIAS.replace('ou=mail,dc=thisbox', 'dc=thisbox'),
    'a name that only ends like ours': ALIAS.replace(',ou=mail', ',xou=mail'),
    'configuration': 'dn: olcDatabase={1}mdb,cn=config\nobjectClass: olcMdbConfig\n',
    'another class in our place': ALIAS.replace('fbxMailAlias', 'posixAccount'),
    'one class more': ALIAS.replace('objectClass', 'objectClass: posixAccount\nobjectClass'),
    'no class': ALIAS.replace('objectClass: fbxMailAlias\n', ''),
}


@pytest.mark.parametrize('entry', FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_part_of_a_mail_directory(entry: str) -> None:
    assert refused(TOP, entry) == 'tree-foreign'


BAD = {
    'an address that is none': ALIAS.replace('fbxMailAddress: a@one', 'fbxMailAddress: ../@one'),
    'no address': ALIAS.replace('fbxMailAddress: a@one.test\n', ''),
    'a destination that is none': ALIAS.replace('Destination: shop', 'Destination: |sh -c'),
    'an end that is none': ALIAS + 'fbxMailExpires: never\n',
    'half a password': device('read'),
    'a password in clear': device('read').replace(HASH, 'secret') + '\n' + device('send'),
    'a value that is no text': ALIAS + 'fbxMailNote:: /w==\n',
}


@pytest.mark.parametrize('entry', BAD.values(), ids=BAD)
def test_an_entry_no_page_would_take_is_left_out(entry: str) -> None:
    assert [node.key[1] for node in check(TOP, MAILBOX, entry).nodes] == ['shop@one.test']


def test_the_name_follows_from_the_key() -> None:
    moved = ALIAS.replace('dn: fbxMailAddress=a@one.test,ou=aliases', 'dn: cn=decoy,ou=passwords')
    (node,) = check(moved).nodes
    assert node.dn == 'fbxMailAddress=a@one.test,ou=aliases,ou=mail,dc=thisbox'


def test_what_is_not_in_the_schema_of_a_kind_is_not_written() -> None:
    (node,) = check(ALIAS + 'uidNumber: 0\nentryUUID: 1\nuserPassword: x\n').nodes
    assert set(node.values) == {
        'fbxMailAddress', 'fbxMailDestination', 'fbxMailEnabled', 'fbxMailOrigin',
    }  # fmt: skip
