# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings of the whole mail system, which stand in the entry above all others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from ..errors import MailError
from .address import parse_domain
from .common_filters import CommonFilters
from .entry import Attributes, check_user_name


@dataclass(frozen=True)
class Settings:
    """Settings of the whole mail system; '' where nothing was chosen."""

    ATTRIBUTES: ClassVar[dict[str, str]] = {
        'primary_domain': 'fbxMailPrimaryDomain',
        'operator': 'fbxMailOperator',
        'house': 'fbxMailHouseRules',
    }

    primary_domain: str = ''
    operator: str = ''
    house: str = ''

    def __post_init__(self) -> None:
        """Refuse settings no entry could have."""
        if self.primary_domain and parse_domain(self.primary_domain) != self.primary_domain:
            raise MailError('domain-invalid')
        if self.operator:
            check_user_name(self.operator)
        CommonFilters.parse(self.house)

    @property
    def common_filters(self) -> CommonFilters:
        """The filters for all mailboxes."""
        return CommonFilters.parse(self.house)

    def to_attributes(self) -> Attributes:
        """LDAP attributes that have a value."""
        values = ((name, getattr(self, field)) for field, name in self.ATTRIBUTES.items())
        return {name: (value,) for name, value in values if value}

    @classmethod
    def from_attributes(cls, raw: Mapping[str, Sequence[bytes]]) -> Self:
        """Settings an LDAP search found."""
        found = {
            field: raw[name][0].decode() for field, name in cls.ATTRIBUTES.items() if raw.get(name)
        }
        return cls(**found)
