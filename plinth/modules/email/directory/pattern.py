# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pattern addresses: mail to shop-anything@example.org goes where `shop-*@example.org` says.

The star comes last and stands for any text but none. Before it stands nothing, which is the
catch-all of a domain, or text that ends with a separator, with at most three separators in
it. So an address can only be meant by four patterns, which follow from the address alone,
the longest first. The daemons look each of them up by its exact text: that takes equally
long however many patterns there are, and needs no index of its own.
"""

from ..errors import MailError
from .address import parse_own

SEPARATORS = '-._='
MOST_SEPARATORS = 3
STAR = '*'


def is_pattern(address: str) -> bool:
    """Whether an address we hold is a pattern."""
    return STAR in address


def is_catch_all(address: str) -> bool:
    """Whether an address we hold is the catch-all of its domain."""
    return address.startswith(f'{STAR}@')


def catch_all_of(domain: str) -> str:
    """The address of a domain's catch-all."""
    return f'{STAR}@{domain}'


def _parse_pattern(local: str, domain: str) -> str:
    """The normal form of a pattern, or say why it is none."""
    prefix = local.removesuffix(STAR)
    if STAR in prefix:
        raise MailError('pattern-invalid.star')
    # Any letter will do for the text the star stands for.
    whole = parse_own(f'{prefix}x@{domain}')
    prefix = whole.local[:-1]
    if prefix and prefix[-1] not in SEPARATORS:
        raise MailError('pattern-invalid.separator', separators=' '.join(SEPARATORS))
    if sum(sign in SEPARATORS for sign in prefix) > MOST_SEPARATORS:
        raise MailError(
            'pattern-invalid.too-many', most=MOST_SEPARATORS, separators=' '.join(SEPARATORS)
        )
    return f'{prefix}{STAR}@{whole.domain}'


def parse_alias(text: str) -> str:
    """The address or pattern an alias may have, or say why it may not."""
    local, _, domain = text.rpartition('@')
    if STAR in local and len(text) <= 1000:
        return _parse_pattern(local, domain)
    return str(parse_own(text))


def patterns_for(address: str) -> tuple[str, ...]:
    """The patterns that can mean an address in its normal form, the first one wins."""
    local, _, domain = address.rpartition('@')
    ends = [place + 1 for place, sign in enumerate(local) if sign in SEPARATORS]
    usable = [end for end in ends[:MOST_SEPARATORS] if end < len(local)]
    return tuple(f'{local[:end]}{STAR}@{domain}' for end in (*reversed(usable), 0))
