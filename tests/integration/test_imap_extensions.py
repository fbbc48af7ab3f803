# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every extension IMAP offers does what it says, and none of them takes folders away."""

import re
from collections.abc import Callable, Iterator, Mapping

import pytest

from lab import settings
from tests.conftest import Host

from . import mail
from .imap import Imap, mutf7

ALICE, BOB = settings.USERS
PARENT = 'Größe & Co'
FOLDERS = ('Prüfung', 'Rechnung & Co', 'Ümläute 日本', 'Ω~-')
MAIL = (
    b'From: Carol <carol@outside.test>\r\nTo: bob@example.test\r\n'
    b'Subject: =?utf-8?q?Pr=C3=BCfung?=\r\nMessage-ID: <imap@outside.test>\r\n'
    b'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    b'SMO2aGxl\r\n'
)  # `Höhle`
WRITTEN = mutf7(PARENT)


def _all(*steps: str | bytes) -> Callable[[Imap], str]:
    return lambda session: session.do(*steps)


def _append(session: Imap) -> str:
    return session.do(f'APPEND "{WRITTEN}"', MAIL)


def _two_at_once(session: Imap) -> str:
    return session.do(f'APPEND "{WRITTEN}"', MAIL, MAIL)


def _from_parts(session: Imap) -> str:
    number = re.search(r'UIDVALIDITY (\d+)', session.do(f'STATUS "{WRITTEN}" (UIDVALIDITY)'))
    uid = re.search(r'UID (\d+)', session.do('FETCH 1 (UID)'))
    assert number
    assert uid
    folder = 'Gr%C3%B6%C3%9Fe%20%26%20Co'
    url = f'/{folder};UIDVALIDITY={number[1]}/;UID={uid[1]}/;SECTION=HEADER'
    return session.do(f'APPEND "{WRITTEN}" CATENATE (URL "{url}" TEXT', b'text\r\n', ')')


def _resync(session: Imap) -> str:
    session.do('ENABLE QRESYNC')
    said = session.do(f'SELECT "{WRITTEN}"')
    validity = re.search(r'UIDVALIDITY (\d+)', said)
    assert validity
    return session.do(f'SELECT "{WRITTEN}" (QRESYNC ({validity[1]} 1))')


def _saved_search(session: Imap) -> str:
    session.do('SEARCH RETURN (SAVE) ALL')
    return session.do('FETCH $ (UID)')


def _search_that_goes_on(session: Imap) -> str:
    return session.do('SEARCH RETURN (UPDATE COUNT) ALL') + session.do('NOOP')


def _move(session: Imap) -> str:
    _append(session)
    return session.do(f'MOVE * "{mutf7(FOLDERS[0])}"')


def _expunge_one(session: Imap) -> str:
    found = re.search(r'APPENDUID \d+ (\d+)', _append(session))
    assert found, 'no UID was named'
    session.do(f'UID STORE {found[1]} +FLAGS (\\Deleted)')
    return session.do(f'UID EXPUNGE {found[1]}')


def _notify(session: Imap) -> str:
    session.do('NOTIFY SET (SELECTED (MessageNew MessageExpunge FlagChange))')
    return session.do('NOTIFY NONE')


DOES: Mapping[str, tuple[Callable[[Imap], str], str]] = {
    'IMAP4rev1': (_all('NOOP'), 'OK'),
    'SASL-IR': (_all('NOOP'), 'OK'),  # it was used to log in
    'LOGIN-REFERRALS': (_all('NOOP'), 'OK'),  # there is nowhere to refer to
    'INPROGRESS': (_all('NOOP'), 'OK'),  # nothing takes long enough
    'LITERAL+': (_append, 'APPENDUID'),
    'ID': (_all('ID NIL'), r'\* ID'),
    'ENABLE': (_all('ENABLE CONDSTORE'), r'ENABLED'),
    'IDLE': (Imap.idle, r'\+ idling'),
    'SORT': (_all('SORT (SUBJECT) UTF-8 ALL'), r'\* SORT 1'),
    'SORT=DISPLAY': (_all('SORT (DISPLAYFROM) UTF-8 ALL'), r'\* SORT 1'),
    'THREAD=REFERENCES': (_all('THREAD REFERENCES UTF-8 ALL'), r'\* THREAD .*1'),
    'THREAD=REFS': (_all('THREAD REFS UTF-8 ALL'), r'\* THREAD .*1'),
    'THREAD=ORDEREDSUBJECT': (_all('THREAD ORDEREDSUBJECT UTF-8 ALL'), r'\* THREAD .*1'),
    'MULTIAPPEND': (_two_at_once, r'APPENDUID \d+ \d+:\d+'),
    'CATENATE': (_from_parts, 'APPENDUID'),
    'URL-PARTIAL': (_from_parts, 'APPENDUID'),
    'UNSELECT': (_all('UNSELECT'), 'OK'),
    'CHILDREN': (_all('LIST "" "*"'), r'\\HasNoChildren'),
    'QUOTA': (_all('GETQUOTAROOT INBOX'), 'OK (No quota|Getquotaroot completed)'),
    'NAMESPACE': (_all('NAMESPACE'), r'\* NAMESPACE \(\(""'),
    'UIDPLUS': (_expunge_one, r'\* \d+ EXPUNGE|VANISHED'),
    'LIST-EXTENDED': (_all('LIST (SUBSCRIBED) "" "*" RETURN (CHILDREN)'), r'\\Subscribed'),
    'I18NLEVEL=1': (_all('SEARCH CHARSET UTF-8 SUBJECT', 'PRÜF'.encode()), r'\* SEARCH 1'),
    'CONDSTORE': (_all('FETCH 1 (MODSEQ)'), r'MODSEQ \(\d+\)'),
    'QRESYNC': (_resync, 'OK'),
    'ESEARCH': (_all('SEARCH RETURN (COUNT) ALL'), r'\* ESEARCH .*COUNT [1-9]'),
    'ESORT': (_all('SORT RETURN (COUNT) (DATE) UTF-8 ALL'), r'\* ESEARCH .*COUNT [1-9]'),
    'SEARCHRES': (_saved_search, r'\* 1 FETCH \(UID'),
    'WITHIN': (_all('SEARCH YOUNGER 86400'), r'\* SEARCH 1'),
    'CONTEXT=SEARCH': (_search_that_goes_on, r'COUNT [1-9]'),
    'LIST-STATUS': (_all('LIST "" "*" RETURN (STATUS (MESSAGES))'), r'\* STATUS .*MESSAGES [1-9]'),
    'BINARY': (_all('FETCH 1 (BINARY[1])'), 'Höhle'),
    'MOVE': (_move, 'COPYUID'),
    'REPLACE': (_all(f'REPLACE 1 "{WRITTEN}"', MAIL), 'APPENDUID'),
    'SNIPPET=FUZZY': (_all('FETCH 1 (SNIPPET (FUZZY))'), 'Höhle'),
    'PREVIEW': (_all('FETCH 1 (PREVIEW)'), 'Höhle'),
    'PREVIEW=FUZZY': (_all('FETCH 1 (PREVIEW (FUZZY))'), 'Höhle'),
    'SPECIAL-USE': (_all('LIST (SPECIAL-USE) "" "*"'), r'\\Sent'),
    'STATUS=SIZE': (_all(f'STATUS "{WRITTEN}" (SIZE)'), r'SIZE [1-9]'),
    'SAVEDATE': (_all('FETCH 1 (SAVEDATE)'), r'SAVEDATE "'),
    'COMPRESS=DEFLATE': (Imap.compress, 'OK'),
    'NOTIFY': (_notify, 'OK'),
}  # fmt: skip
"""For each extension something only it allows, and what the answer must hold."""


def _remove(session: Imap) -> None:
    for name in (*(f'{PARENT}/{each}' for each in FOLDERS), *FOLDERS, PARENT, 'Neu ß'):
        session.say(f'DELETE "{mutf7(name)}"')
        session.say(f'UNSUBSCRIBE "{mutf7(name)}"')


@pytest.fixture(name='session')
def fixture_session(box: Host) -> Iterator[Imap]:
    """A session with nothing in its folders, which are removed in the end."""
    with Imap(box.ip, BOB.username, BOB.password) as session:
        _remove(session)
        yield session
    with Imap(box.ip, BOB.username, BOB.password) as session:
        _remove(session)


def test_each_extension_that_is_offered_works(session: Imap) -> None:
    offered = [each for each in session.capabilities() if not each.startswith('AUTH=')]
    unknown = set(offered) - set(DOES)
    assert not unknown, f'IMAP offers what nobody has tried: {unknown}'
    for name in (PARENT, FOLDERS[0]):
        session.do(f'CREATE "{mutf7(name)}"')
        session.do(f'SUBSCRIBE "{mutf7(name)}"')
    failed = {}
    for extension in offered:
        attempt, expected = DOES[extension]
        _append(session)
        session.do(f'SELECT "{WRITTEN}"')
        try:
            said = attempt(session)
        except AssertionError as error:
            said = f'failed: {error}'
        if not re.search(expected, said):
            failed[extension] = said
    assert not failed


def test_folders_of_any_name_with_everything_enabled(session: Imap) -> None:
    """As Thunderbird does, which enables what it finds and then names folders accordingly."""
    offered = session.capabilities()
    wanted = [each for each in offered if each in {'CONDSTORE', 'QRESYNC', 'UTF8=ACCEPT',
                                                   'IMAP4rev2', 'NOTIFY'}]  # fmt: skip
    enabled = session.do(f'ENABLE {" ".join(wanted)}')
    written: Callable[[str], str] = str if 'UTF8=ACCEPT' in enabled else mutf7
    session.do(f'CREATE "{written(PARENT)}"')
    for name in (f'{PARENT}/{each}' for each in FOLDERS):
        _works_with(session, name, written)
    assert written(PARENT) in session.do('LIST "" "%"')


def _works_with(session: Imap, name: str, written: Callable[[str], str]) -> None:
    session.do(f'CREATE "{written(name)}"')
    session.do(f'SUBSCRIBE "{written(name)}"')
    assert written(name) in session.do('LSUB "" "*"')
    session.do(f'APPEND "{written(name)}"', MAIL)
    assert ' 1 EXISTS' in session.do(f'SELECT "{written(name)}"')
    assert '* SEARCH 1' in session.do('SEARCH CHARSET UTF-8 SUBJECT', 'prüfung'.encode())
    session.do('UNSELECT')
    session.do(f'RENAME "{written(name)}" "{written("Neu ß")}"')
    assert 'MESSAGES 1' in session.do(f'STATUS "{written("Neu ß")}" (MESSAGES)')
    session.do(f'RENAME "{written("Neu ß")}" "{written(name)}"')


def test_mail_that_needs_smtputf8_still_arrives(box: Host) -> None:
    sent = mail.message(ALICE.address, BOB.address)
    content = f'Comments: für grüße@outside.test\r\n{sent.as_string()}'.encode()
    with mail.submission(box.ip, ALICE.username, ALICE.password) as session:
        session.sendmail(ALICE.address, [BOB.address], content, ['SMTPUTF8', 'BODY=8BITMIME'])
    assert 'für grüße@outside.test'.encode() in mail.wait_for(box.ip, BOB, sent)
