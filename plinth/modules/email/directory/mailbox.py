# SPDX-License-Identifier: AGPL-3.0-or-later
"""A mailbox: an address with storage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, Self

from ..errors import MailError
from .address import parse_own
from .alias import check_destinations
from .ending import ENDING_ATTRIBUTES, check_farewell
from .entry import Attributes, Entry, Origin, check_origin, check_text, check_user_name, now
from .forward import StoppedForward, check_stopped
from .guard import GUARD_ATTRIBUTES, Guard
from .mail_filter import Filters, parse_filters
from .member import Member, check_address, check_handover, from_fields
from .memory_name import check_memory
from .old_mail import DAYS_ATTRIBUTES, check_days
from .quarantine_choice import check_quarantine
from .quota import QUOTA_BYTES, bytes_of, check
from .report_choice import check_reports
from .route import check_route
from .send_limits import LIMIT_ATTRIBUTES, SendLimits
from .sender_lists import LIST_ATTRIBUTES, SenderLists, check_let_in, stored_lists
from .vacation import Vacation, parse_vacation

MOST_FORWARDS = 10
LONGEST_CLOSED = 200
"""The longest sentence with which logins are refused: mail apps show it in a small window."""


@dataclass(frozen=True)
class Mailbox(Entry):
    """One mailbox, of the FreedomBox user `owner` or standing alone with a password.

    `login` is the short name that opens it, set on the owner's mailbox in the primary
    domain, and never an address. `owner_id` is the entryUUID of the user's entry, which
    outlives a new name. `gone` is when the owner was found to be no longer there,
    `reset_expires` until when a link is valid by which a new password can be chosen. A copy of
    all mail goes to `forwards`; `stopped` are those it no longer goes to (`StoppedForward`).
    `forwarding` says whether it may be forwarded to other servers, None leaves that to the domain.
    `route` is the way out of mail sent from its address. While there is a sentence in `closed`, a
    login with a right password is refused with it: the mailbox is frozen, or it is off and people
    are told why. `quota` is how much it may hold (`directory/quota.py`), days are those after which
    mail in Trash and Junk is deleted; '' leaves either to the domain. `away` and `sorting` hold the
    automatic reply and the filters (`vacation`, `filters`); `label_folders` says whether mail to
    `local+topic` goes to the folder Topic. `forward_only` gets mail in the place of the mailbox:
    all of `forwards`, or none. `members` share it; `writers` and `senders` are rights of some
    (`Member`). At `handover` those `leaving` stop being members, and those `joining` begin. The
    rules of a guarded one are its `guard`. From `expires` on it is off (`directory/ending.py`).
    `reports` are those that are sent about it (`directory/report_choice.py`). `memory` names what
    the spam filter learned for it (`directory/memory_name.py`): a new name is an empty memory.
    Its own lists of senders are `allowed` and `denied`, mail from `junk_score` on is junk, and
    senders in `let_in` are not held off (`directory/sender_lists.py`).
    `quarantine` says where possible spam goes (`directory/quarantine_choice.py`).
    """

    OBJECT_CLASS: ClassVar[str] = 'fbxMailbox'
    BRANCH: ClassVar[str] = 'mailboxes'
    KEY: ClassVar[str] = 'address'
    NOUN: ClassVar[str] = 'mailbox'
    ATTRIBUTES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            'address': 'fbxMailAddress',
            'enabled': 'fbxMailEnabled',
            'owner': 'fbxMailOwner',
            'owner_id': 'fbxMailOwnerId',
            'login': 'fbxMailLogin',
            'origin': 'fbxMailOrigin',
            'note': 'fbxMailNote',
            'gone': 'fbxMailGone',
            'reset_expires': 'fbxMailResetExpires',
            'forwards': 'fbxMailDestination',
            **LIMIT_ATTRIBUTES,
            'closed': 'fbxMailClosed',
            'route': 'fbxMailRoute',
            'stopped': 'fbxMailStoppedForward',
            'forwarding': 'fbxMailForwardOutside',
            'quota': 'fbxMailQuota',
            **DAYS_ATTRIBUTES,
            'away': 'fbxMailVacation',
            'sorting': 'fbxMailFilters',
            'label_folders': 'fbxMailLabelFolders',
            'forward_only': 'fbxMailForwardOnly',
            'members': 'fbxMailMember',
            'writers': 'fbxMailMemberWrites',
            'senders': 'fbxMailMemberSends',
            **GUARD_ATTRIBUTES,
            'handover': 'fbxMailHandover',
            'leaving': 'fbxMailLeaving',
            'joining': 'fbxMailJoining',
            'expires': 'fbxMailExpires',
            **ENDING_ATTRIBUTES,
            'reports': 'fbxMailReport',
            'memory': 'fbxMailMemory',
            **LIST_ATTRIBUTES,
            'let_in': 'fbxMailLetIn',
            'quarantine': 'fbxMailQuarantine',
        }
    )
    SEARCHED: ClassVar[tuple[str, ...]] = ('fbxMailAddress', 'fbxMailOwner')

    address: str
    enabled: bool = True
    owner: str = ''
    owner_id: str = ''
    login: str = ''
    origin: Origin = 'admin'
    note: str = ''
    gone: datetime | None = None
    reset_expires: datetime | None = None
    forwards: tuple[str, ...] = ()
    recipients_hour: int = 0
    recipients_day: int = 0
    first_time_day: int = 0
    closed: str = ''
    route: str = ''
    stopped: tuple[str, ...] = ()
    forwarding: bool | None = None
    quota: str = ''
    trash_days: str = ''
    junk_days: str = ''
    away: str = ''
    sorting: str = ''
    label_folders: bool | None = None
    forward_only: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    guard_rules: str = ''
    guardians: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    open_hours: tuple[str, ...] = ()
    handover: datetime | None = None
    leaving: tuple[str, ...] = ()
    joining: tuple[str, ...] = ()
    expires: datetime | None = None
    farewell: str = ''
    warned: int = 0
    reports: tuple[str, ...] = ()
    memory: str = field(default='', compare=False)
    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    junk_score: int = 0
    let_in: tuple[str, ...] = ()
    quarantine: str = ''

    def __post_init__(self) -> None:
        """Refuse a mailbox that could not be stored or opened."""
        if str(parse_own(self.address)) != self.address:
            raise MailError('address-invalid')
        if self.owner:
            check_user_name(self.owner)
        if self.login and (self.login != self.owner or '@' in self.login):
            raise MailError('login-invalid.short-login')
        if len(self.forwards) > MOST_FORWARDS:
            raise MailError('destination-invalid.too-many-forwards', most=MOST_FORWARDS)
        check_destinations(self.address, self.forwards)
        check_stopped(self.stopped)
        check_reports(self.reports)
        check_memory(self.memory)
        self._check_lists()
        check_quarantine(self.quarantine)
        check_origin(self.origin)
        check_text(self.note)
        check_text(self.closed, LONGEST_CLOSED)
        SendLimits.of(self)
        check_route(self.route)
        check(self.quota)
        check_days(self.trash_days, self.junk_days)
        if self.forward_only:
            object.__setattr__(self, 'forward_only', self.forwards)
        parse_vacation(self.away)
        parse_filters(self.sorting)
        self._check_members()
        check_farewell(self.farewell)
        Guard.of(self)

    def to_attributes(self) -> Attributes:
        """The LDAP attributes, among them the quota in bytes, which Dovecot reads."""
        attributes = super().to_attributes()
        if self.quota:
            attributes[QUOTA_BYTES] = bytes_of(self.quota)
        return {**attributes, **stored_lists(self)}

    def _check_lists(self) -> None:
        """Refuse lists of senders that are none, and put them in their normal form."""
        lists = SenderLists.of(self)
        object.__setattr__(self, 'allowed', lists.allowed)
        object.__setattr__(self, 'denied', lists.denied)
        check_let_in(self.let_in)

    def _check_members(self) -> None:
        """Refuse members of a mailbox that is a person's own, and rights of strangers."""
        if self.members or self.joining:
            check_address(self.address)
        if self.owner and (self.members or self.joining):
            raise MailError('share-invalid.owned', address=self.address, user=self.owner)
        from_fields(self.members, self.writers, self.senders)
        check_handover(self.handover, self.leaving, self.joining)

    @property
    def member_rights(self) -> tuple[Member, ...]:
        """Those who share it, with their rights."""
        return from_fields(self.members, self.writers, self.senders)

    @classmethod
    def from_attributes(cls, raw: Mapping[str, Sequence[bytes]]) -> Self:
        """The mailbox a search found; a stored login that is an address is dropped."""
        if any(b'@' in login for login in raw.get('fbxMailLogin', ())):
            raw = {name: values for name, values in raw.items() if name != 'fbxMailLogin'}
        return super().from_attributes(raw)

    @classmethod
    def normal_key(cls, text: str) -> str:
        """The address `text` stands for."""
        return str(parse_own(text))

    @property
    def stands_alone(self) -> bool:
        """Whether it has a password of its own rather than an owner."""
        return not self.owner

    def owns(self, entry: Entry | None) -> bool:
        """Whether an entry is this mailbox, or belongs to it, which stands alone.

        Those that belong to a person have an identity, whatever the name beside it looks like.
        """
        if isinstance(entry, Mailbox):
            return self.stands_alone and entry.stands_alone and entry.address == self.address
        owner, id_ = (str(getattr(entry, name, '')) for name in ('owner', 'owner_id'))
        return self.stands_alone and not id_ and owner == self.address

    @property
    def guard(self) -> Guard | None:
        """Its rules, if it is guarded."""
        return Guard.of(self)

    @property
    def ended(self) -> bool:
        """Whether the moment is past from which it is no longer in use."""
        return self.expires is not None and self.expires <= now()

    @property
    def holder(self) -> str:
        """The identity of the person whose it is: that of a user, or its own address."""
        return self.owner_id or self.address

    @property
    def is_frozen(self) -> bool:
        """Whether it receives mail, but no one may log in."""
        return self.enabled and bool(self.closed)

    @property
    def forwarding_choice(self) -> str:
        """Whether mail may be forwarded to other servers, as forms and root's verbs say it."""
        return {True: 'yes', False: 'no', None: 'default'}[self.forwarding]

    @property
    def stopped_forwards(self) -> tuple[StoppedForward, ...]:
        """The destinations mail no longer goes to."""
        return tuple(map(StoppedForward.parse, self.stopped))

    @property
    def keeps_copy(self) -> bool:
        """Whether mail stays in the mailbox, too, when it is forwarded."""
        return not self.forward_only

    @property
    def vacation(self) -> Vacation | None:
        """The automatic reply, also one that is turned off."""
        return parse_vacation(self.away)

    @property
    def filters(self) -> Filters:
        """The filters of the owner, in their order."""
        return parse_filters(self.sorting)

    @property
    def local(self) -> str:
        """The part before the @."""
        return self.address.rpartition('@')[0]

    @property
    def domain(self) -> str:
        """The part behind the @."""
        return self.address.rpartition('@')[2]
