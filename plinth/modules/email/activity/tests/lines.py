# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lines of the log of whole messages, for tests of their stories."""

from collections.abc import Iterable, Iterator

from ..log_events import JournalEntry
from ..log_lines import read
from ..stories import Stories
from ..story import MessageStory
from ..story_store import StoryStore

Line = tuple[str, str]
ALICE, BOB, CAROL = 'alice@example.test', 'bob@example.test', 'carol@outside.test'
RELAY = 'mail.example.test[private/dovecot-lmtp]'
DELAYS = 'delay=0.4, delays=0.1/0/0.1/0.2, '
START = 1_764_540_000.0


class DictShelf:
    """A shelf in memory, which holds texts as the file does."""

    def __init__(self) -> None:
        self.rows: dict[int, tuple[MessageStory, str]] = {}

    def next_id(self) -> int:
        return max(self.rows, default=0) + 1

    def id_by_queue_id(self, queue_id: str) -> int | None:
        found = (each for each, (story, _text) in self.rows.items() if queue_id in story.queue_ids)
        return next(found, None)

    def ids_by_message_id(self, message_id: str) -> list[int]:
        return sorted(
            (each for each, (story, _text) in self.rows.items() if story.message_id == message_id),
            reverse=True,
        )

    def load(self, number: int) -> MessageStory | None:
        if number not in self.rows:
            return None
        kept, text = self.rows[number]
        story = MessageStory(
            kept.id, kept.first, kept.last, kept.way, kept.client, kept.login, kept.sender,
            message_id=kept.message_id, size=kept.size, score=kept.score,
        )  # fmt: skip
        story.read_text(text)
        return story

    def keep(self, stories: Stories) -> None:
        for number in stories.gone:
            self.rows.pop(number, None)
        for story in stories.changed.values():
            self.rows[story.id] = (story, story.to_text())
        stories.kept()

    def all(self) -> list[MessageStory]:
        return [story for number in sorted(self.rows) if (story := self.load(number))]


def entries(lines: Iterable[Line], start: float = START) -> Iterator[JournalEntry]:
    """The lines as entries, a second apart."""
    for number, (source, text) in enumerate(lines):
        yield JournalEntry(text, source, start + number, f's=1;i={number}')


def stories_of(lines: Iterable[Line], every: int = 0) -> list[MessageStory]:
    """The stories of some lines; with `every` the process restarts after each batch."""
    shelf = DictShelf()
    stories = Stories(shelf)
    for batch in _batches(list(entries(lines)), every):
        see_all(stories, batch)
        shelf.keep(stories)
        if every:
            stories = Stories(shelf, stories.pending())
    return shelf.all()


def see_all(stories: Stories, found: Iterable[JournalEntry]) -> None:
    """Have the stories take up what entries tell."""
    for entry in found:
        if event := read(entry):
            stories.see(event, entry.at)


def follow(
    store: StoryStore, lines: Iterable[Line], start: float = START, cursor: str = 'c'
) -> None:
    """Take lines as the follower does, in one batch after a restart."""
    stories = Stories(store, store.place()[1])
    see_all(stories, entries(lines, start))
    store.write(stories.changed.values(), stories.gone, cursor, stories.pending())


def _batches(found: list[JournalEntry], every: int) -> Iterator[list[JournalEntry]]:
    size = every or max(len(found), 1)
    for start in range(0, len(found), size):
        yield found[start : start + size]


def arrived(
    queue_id: str, name: str = 'a@outside.test', client: str = '198.51.100.7'
) -> list[Line]:
    """A message comes from another server."""
    return [
        ('postfix/smtpd', f'{queue_id}: client=mx.outside.test[{client}]'),
        ('postfix/cleanup', f'{queue_id}: message-id=<{name}>'),
    ]


def submitted(queue_id: str, name: str = 'b@example.test', login: str = 'alice') -> list[Line]:
    """A user sends a message."""
    return [
        ('postfix/submissions/smtpd', f'{queue_id}: client=unknown[192.168.1.7], '
         f'sasl_method=PLAIN, sasl_username={login}'),
        ('postfix/submission-cleanup/cleanup', f'{queue_id}: message-id=<{name}>'),
    ]  # fmt: skip


def checked(
    queue_id: str, action: str = 'no action', to: Iterable[str] = (ALICE,), score: float = 1.5
) -> Line:
    """The filter's line."""
    names = ','.join(f'<{name}>' for name in to)
    return 'rspamd', (
        f'<1f9a2c>; proxy; rspamd_task_write_log: id: <x@y>, qid: <{queue_id}>, ip: 198.51.100.7, '
        f'from: <{CAROL}>, (default: F ({action}): [{score:.2f}/15.00] '
        '[BAYES_SPAM(5.10){99.99%;},MIME_GOOD(-0.10){text/plain;}]), len: 1932, time: 5.9ms, '
        f'dns req: 12, digest: <0123456789abcdef0123456789abcdef>, rcpts: {names}'
    )


def queued(queue_id: str, sender: str = CAROL, count: int = 1) -> Line:
    """The queue manager's line."""
    return 'postfix/qmgr', (
        f'{queue_id}: from=<{sender}>, size=1932, nrcpt={count} (queue active)'
    )  # fmt: skip


def removed(queue_id: str) -> Line:
    """The message is out of the queue."""
    return 'postfix/qmgr', f'{queue_id}: removed'


def to_mailbox(queue_id: str, session: str, to: str = ALICE, asked_for: str = '') -> Line:
    """A delivery to Dovecot."""
    asked = f'orig_to=<{asked_for}>, ' if asked_for else ''
    return 'postfix/lmtp', (
        f'{queue_id}: to=<{to}>, {asked}relay={RELAY}, {DELAYS}dsn=2.0.0, '
        f'status=sent (250 2.0.0 <{to}> {session} Saved)'
    )


def acted(session: str, action: str, to: str = ALICE, name: str = 'a@outside.test') -> Line:
    """A line of Dovecot about a delivery."""
    return 'dovecot', f'lmtp({to})<77><{session}>: sieve: msgid=<{name}>: {action}'


def stored(session: str, folder: str = 'INBOX', to: str = ALICE) -> Line:
    """Dovecot put a message into a folder."""
    return acted(session, f"stored mail into mailbox '{folder}'", to)


def tried(
    queue_id: str, to: str, status: str, code: str = '2.0.0', reply: str = '250 ok',
    relay: str = 'mx.z.test[192.0.2.1]:25', asked_for: str = '',
) -> Line:  # fmt: skip
    """An attempt to deliver to another server."""
    asked = f'orig_to=<{asked_for}>, ' if asked_for else ''
    return 'postfix/smtp', (
        f'{queue_id}: to=<{to}>, {asked}relay={relay}, {DELAYS}dsn={code}, '
        f'status={status} ({reply})'
    )


def refused(queue_id: str, words: str, to: str = ALICE, sender: str = CAROL) -> Line:
    """The filter refuses a message."""
    return 'postfix/cleanup', (
        f'{queue_id}: milter-reject: END-OF-MESSAGE from mx.outside.test[198.51.100.7]: {words}; '
        f'from=<{sender}> to=<{to}> proto=ESMTP helo=<mx.outside.test>'
    )


def refused_early(to: str, words: str, client: str = '198.51.100.7') -> Line:
    """A recipient is refused, and there is no message yet."""
    return 'postfix/smtpd', (
        f'NOQUEUE: reject: RCPT from unknown[{client}]: {words}; from=<{CAROL}> to=<{to}> '
        'proto=ESMTP helo=<mx.outside.test>'
    )
