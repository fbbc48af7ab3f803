# SPDX-License-Identifier: AGPL-3.0-or-later
"""The states of entries of the directory in words."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from freedombox.utils import format_lazy

from ..directory.alias import Alias
from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.recipients import Recipients
from ..directory.resolve import DeliveryStep, Kind, Path
from ..health.observation import Records
from ..status import State
from ..words import misuse, pages
from ..words.text import Text, with_box_name


@dataclass(frozen=True)
class ShownState:
    """A state in one word, and its consequence."""

    state: State
    word: Text
    sentence: Text
    more: Text = ''
    """A second sentence, where two things hold."""
    is_off: bool = False
    """Whether an administrator wants it so: it is grey, and no warning."""

    @property
    def icon(self) -> str:
        """The name of its icon."""
        return 'off' if self.is_off else self.state.value


_OFF = gettext_lazy('Off')
_WORKS = gettext_lazy('Works')
_ORDER = list(State)


def of_domain(
    domain: Domain,
    primary: str,
    records: Records | None = None,
    recipients: Recipients = Recipients.PEOPLE,
) -> ShownState:
    """The state of a domain: the worse of the directory and the last check of its records."""
    found = _without_recipients(recipients) or _in_directory(domain, primary)
    worse = None if records is None or found.is_off else _of_records(records)
    if worse is None or _ORDER.index(worse.state) >= _ORDER.index(found.state):
        return found
    return replace(worse, more=found.sentence)


def _without_recipients(recipients: Recipients) -> ShownState | None:
    """The state of a domain in which no one receives mail, None for any other."""
    if recipients is Recipients.UNDECIDED:
        return ShownState(
            State.LOOK, State.LOOK.word,
            pages.RECIPIENTS_UNDECIDED,
        )  # fmt: skip
    if recipients is Recipients.NONE:
        return ShownState(
            State.UNKNOWN, _('No mail'),
            pages.NO_MAIL_HERE, is_off=True,
        )  # fmt: skip
    return None


def _of_records(records: Records) -> ShownState | None:
    """The state of a domain by its records, None without a problem."""
    if records.checked is None:
        return ShownState(State.UNKNOWN, _('Not checked'), pages.DNS_NOT_CHECKED)
    names = ', '.join(map(str, records.names))
    if records.keeps_out:
        return ShownState(
            State.BROKEN, State.BROKEN.word,
            format_lazy(pages.NOT_ARRIVING, names=names),
        )  # fmt: skip
    if records.count:
        title = ngettext(*pages.DNS_PROBLEMS,
                         records.count)  # fmt: skip
        return ShownState(
            State.LOOK, State.LOOK.word, title.format(count=records.count, names=names)
        )
    return None


def _in_directory(domain: Domain, primary: str) -> ShownState:
    """The state of a domain by its entry."""
    if domain.gone:
        return ShownState(
            State.BROKEN, _OFF,
            with_box_name(pages.DOMAIN_GONE),
        )  # fmt: skip
    if not domain.enabled:
        return ShownState(State.BROKEN, _OFF, pages.DOMAIN_OFF)
    if domain.alias_of:
        return ShownState(
            State.WORKS, _WORKS,
            format_lazy(pages.IS_ALIAS_DOMAIN,
                        domain=domain.alias_of),
        )  # fmt: skip
    if domain.gives_mailboxes(primary):
        return ShownState(State.WORKS, _WORKS, pages.GIVES_MAILBOXES)
    return ShownState(State.WORKS, _WORKS, pages.ACCEPTS_LISTED)


def of_mailbox(mailbox: Mailbox) -> ShownState:
    """Whether a mailbox is in use, and who opens it."""
    if mailbox.gone:
        return ShownState(
            State.LOOK, _OFF,
            format_lazy(pages.USER_DELETED, name=mailbox.owner),
        )  # fmt: skip
    if not mailbox.enabled:
        return ShownState(State.LOOK, _OFF, pages.MAILBOX_OFF)
    if mailbox.closed:
        frozen = format_lazy(gettext_lazy(misuse.CLOSED), sentence=mailbox.closed)
        return ShownState(State.LOOK, gettext_lazy('Frozen'), frozen)
    if count := len(mailbox.members):
        one, more = pages.SHARED_BY
        return ShownState(State.WORKS, _WORKS, ngettext(one, more, count).format(count=count))
    if mailbox.stands_alone:
        return ShownState(State.WORKS, _WORKS, pages.OWN_PASSWORD)
    return ShownState(
        State.WORKS, _WORKS,
        format_lazy(pages.BELONGS_TO_USER,
                    name=mailbox.owner),
    )  # fmt: skip


def of_alias(alias: Alias) -> ShownState:
    """Whether an alias is in use, and where it leads."""
    if alias.ended:
        return ShownState(State.LOOK, _('Expired'), pages.ALIAS_EXPIRED)
    if not alias.enabled:
        return ShownState(State.LOOK, _OFF, pages.ALIAS_OFF)
    if alias.origin == 'role':
        return ShownState(
            State.WORKS, _WORKS,
            pages.STANDARD_ADDRESS,
        )  # fmt: skip
    return ShownState(State.WORKS, _WORKS, pages.DELIVERED_BELOW)


def of_own_alias(alias: Alias) -> ShownState:
    """The same for the user it belongs to."""
    seen = of_alias(alias)
    if seen.state is not State.WORKS:
        return seen
    return ShownState(seen.state, seen.word, pages.OWN_ALIAS)


_STEPS: dict[Kind, tuple[State, Text]] = {
    'mailbox': (State.WORKS, gettext_lazy('local mailbox')),
    'forward': (
        State.WORKS,
        gettext_lazy('local mailbox, forwards to the addresses below and keeps no copy'),
    ),
    'alias': (State.WORKS, gettext_lazy('alias, delivers to the addresses below')),
    'pattern': (
        State.WORKS,
        gettext_lazy('matches the wildcard {entry}, delivers to the addresses below'),
    ),
    'catch-all': (State.WORKS, gettext_lazy('catch-all, delivers to the addresses below')),
    'alias-domain': (State.WORKS, gettext_lazy('{entry} is an alias of another domain')),
    'remote': (State.WORKS, gettext_lazy('external address')),
    'reports': (
        State.WORKS,
        gettext_lazy('reports of other mail servers, processed automatically'),
    ),
    'off': (State.LOOK, gettext_lazy('turned off, so mail to it is rejected')),
    'unknown': (State.BROKEN, gettext_lazy('no such address, so mail to it is rejected')),
    'loop': (State.BROKEN, gettext_lazy('loop')),
    'too-long': (State.LOOK, gettext_lazy('too many steps, not followed further')),
}


def of_step(step: DeliveryStep) -> ShownState:
    """The state of one address on the way."""
    state, text = _STEPS[step.kind]
    return ShownState(state, step.address, format_lazy(text, entry=step.entry))


def of_path(path: Path) -> ShownState:
    """Where mail to an address ends, in one sentence."""
    here, there = len(path.mailboxes), len(path.remote)
    if not path.accepted:
        return ShownState(
            State.BROKEN,
            _('Rejected'),
            pages.REJECTED,
        )
    if not here + there and path.ends('reports'):
        return ShownState(State.WORKS, _WORKS, pages.PROCESSED)
    if not here + there:
        return ShownState(State.BROKEN, _('Not delivered'), pages.NOT_DELIVERED)
    return ShownState(State.WORKS, _WORKS, _places(here, there))


def _places(here: int, there: int) -> Text:
    """The number of places mail ends in, here and elsewhere."""
    if not there:
        return ngettext(*pages.DELIVERED_HERE, here).format(here=here)
    if not here:
        return ngettext(
            *pages.DELIVERED_OUTSIDE,
            there,
        ).format(there=there)
    mailboxes = ngettext('{here} local mailbox', '{here} local mailboxes', here).format(here=here)
    addresses = ngettext('{there} external address', '{there} external addresses', there)
    return pages.DELIVERED_TO_BOTH.format(
        mailboxes=mailboxes, addresses=addresses.format(there=there)
    )
