# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings of the whole mail system, which stand in the entry above all others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from ..errors import MailError
from .address import parse_domain
from .common_filters import CommonFilters
from .component import check_components
from .entry import Attributes, check_user_name
from .quarantine_choice import check_quarantine
from .sender_lists import LIST_ATTRIBUTES, SenderLists, stored_lists


@dataclass(frozen=True)
class Settings:
    """Settings of the whole mail system; '' where nothing was chosen.

    `allowed`, `denied` and `junk_score` are for all mailboxes (`directory/sender_lists.py`).
    """

    ATTRIBUTES: ClassVar[dict[str, str]] = {
        'primary_domain': 'fbxMailPrimaryDomain',
        'operator': 'fbxMailOperator',
        'house': 'fbxMailHouseRules',
        'greylisting': 'fbxMailGreylisting',
        **LIST_ATTRIBUTES,
        'components': 'fbxMailComponents',
        'quarantine': 'fbxMailQuarantine',
    }

    primary_domain: str = ''
    operator: str = ''
    house: str = ''
    greylisting: str = ''
    """FALSE where suspicious mail of unknown senders does not have to come again."""
    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    junk_score: int = 0
    components: str = ''
    """Names of the optional parts that are installed, with blanks between them."""
    quarantine: str = ''

    def __post_init__(self) -> None:
        """Refuse settings no entry could have."""
        if self.primary_domain and parse_domain(self.primary_domain) != self.primary_domain:
            raise MailError('domain-invalid')
        if self.operator:
            check_user_name(self.operator)
        CommonFilters.parse(self.house)
        if self.greylisting not in ('', 'FALSE'):
            raise MailError('choice-invalid.greylisting')
        lists = SenderLists.of(self)
        object.__setattr__(self, 'allowed', lists.allowed)
        object.__setattr__(self, 'denied', lists.denied)
        check_components(self.component_names)
        check_quarantine(self.quarantine)

    @property
    def component_names(self) -> tuple[str, ...]:
        """The optional parts that are installed."""
        return tuple(self.components.split())

    @property
    def common_filters(self) -> CommonFilters:
        """The filters for all mailboxes."""
        return CommonFilters.parse(self.house)

    def to_attributes(self) -> Attributes:
        """LDAP attributes that have a value."""
        values = ((name, getattr(self, field)) for field, name in self.ATTRIBUTES.items())
        plain = {name: (str(value),) for name, value in values if value}
        return {**plain, **stored_lists(self)}

    @classmethod
    def from_attributes(cls, raw: Mapping[str, Sequence[bytes]]) -> Self:
        """Settings an LDAP search found."""
        texts = {
            field: [value.decode() for value in raw[name]]
            for field, name in cls.ATTRIBUTES.items()
            if raw.get(name)
        }
        plain = {field: texts.get(field, [''])[0] for field in cls.ATTRIBUTES}
        return cls(
            plain['primary_domain'], plain['operator'], plain['house'], plain['greylisting'],
            tuple(texts.get('allowed', ())), tuple(texts.get('denied', ())),
            int(plain['junk_score'] or 0), plain['components'], plain['quarantine'],
        )  # fmt: skip
