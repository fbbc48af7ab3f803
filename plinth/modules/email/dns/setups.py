# SPDX-License-Identifier: AGPL-3.0-or-later
"""Verdicts on the settings mail apps get; nothing is asked here."""

from dataclasses import replace

from ..status import State, Verdict
from .answer import Seen, Setup
from .records import Record, Site

THUNDERBIRD = ('autoconfig', 'well-known', 'autoconfig-http', 'well-known-http')
OUTLOOK = (
    'autodiscover-domain', 'autodiscover', 'autodiscover-http', 'autodiscover-srv',
    'autodiscover-domain-json', 'autodiscover-json',
)  # fmt: skip
"""The order in which programs ask; the first place with settings counts."""
_BEHIND = {
    'autoconfig': ('autoconfig', 'autoconfig-http'),
    'autodiscover': ('autodiscover',),
    'srv-autodiscover': ('autodiscover-srv',),
}
"""Where programs ask because of a record."""
_TWINS = {
    **{key: (f'{key}-bare', 'setup-bare') for key in THUNDERBIRD},
    **{key: (f'{key}-json', 'setup-no-json') for key in OUTLOOK[:2]},
}
"""The other way to ask at a place, and the verdict when only the first one gets settings."""
_HTTP = frozenset({'autoconfig-http', 'well-known-http'})
_STATES = {
    'untrusted': State.LOOK,
    'missing': State.LOOK,
    'shut': State.LOOK,
    'unreachable': State.UNKNOWN,
    'absent': State.LOOK,
}
_GRAVEST = ('missing', 'untrusted', 'shut', 'unreachable', 'absent')
OUTSIDE = 'outside'
"""The key in a verdict's values that says whether another box asked, 'yes' or 'no'."""


def _name(setup: Setup) -> str:
    """The name a program asked."""
    return setup.url.partition('://')[2].partition('/')[0]


def _params(setup: Setup) -> dict[str, str]:
    """The values of a verdict on a place."""
    return {'name': _name(setup), OUTSIDE: 'yes' if setup.outside else 'no'}


def _problem(setup: Setup) -> str:
    """Why a place has no settings. Where another box reaches none, no mail app does."""
    return 'shut' if setup.outside and setup.problem == 'unreachable' else setup.problem


def _found(seen: Seen, keys: tuple[str, ...]) -> tuple[str, Setup] | None:
    """The first place with settings."""
    setups = seen.setups or {}
    return next(((key, setups[key]) for key in keys if key in setups and setups[key].host), None)


def _is_ours(setup: Setup, site: Site) -> bool:
    return setup.host in (site.host, site.domain, site.client_host)


def _settings(key: str, setup: Setup, site: Site, seen: Seen) -> Verdict:
    """The verdict on settings that were found."""
    params, urls = {**_params(setup), 'host': setup.host}, (setup.url,)
    if not _is_ours(setup, site):
        return Verdict(State.LOOK, 'setup-other', params, urls)
    twin, code = _TWINS.get(key, ('', ''))
    other = (seen.setups or {}).get(twin)
    if other and (_problem(other) == 'missing' or (other.host and other.host != setup.host)):
        return Verdict(State.LOOK, code, params, (*urls, other.url))
    return Verdict(State.WORKS, 'setup-http' if key in _HTTP else 'setup-right', params, urls)


def _nothing(setups: list[Setup]) -> Verdict:
    """The verdict on places without settings: the one that can be mended counts most."""
    problem = next((each for each in _GRAVEST if any(_problem(s) == each for s in setups)), '')
    if not problem:
        return Verdict(State.UNKNOWN, 'setup-unknown')
    first = next(each for each in setups if _problem(each) == problem)
    return Verdict(_STATES[problem], f'setup-{problem}', _params(first), (first.url,))


def behind(record: Record, verdict: Verdict, site: Site, seen: Seen) -> Verdict:
    """The verdict on a record that leads mail apps to a place: the settings there count."""
    keys = _BEHIND.get(record.role)
    if keys is None or (verdict.state is not State.WORKS and verdict.code != 'name-elsewhere'):
        return verdict
    found = _found(seen, keys)
    if found and (_is_ours(found[1], site) or verdict.state is State.WORKS):
        return replace(_settings(*found, site, seen), found=verdict.found)
    if verdict.state is not State.WORKS:
        return verdict
    setups = [each for key, each in (seen.setups or {}).items() if key in keys]
    return replace(_nothing(setups), found=verdict.found)


def _all(keys: tuple[str, ...], site: Site, seen: Seen) -> Verdict:
    """The verdict on all places a kind of program asks."""
    found = _found(seen, keys)
    if found:
        return _settings(*found, site, seen)
    setups = [each for key, each in (seen.setups or {}).items() if key in keys]
    if not setups or any(_problem(each) == 'unreachable' for each in setups):
        return Verdict(State.UNKNOWN, 'setup-unknown')
    verdict = _nothing(setups)
    return Verdict(State.LOOK, 'setup-none') if verdict.code == 'setup-absent' else verdict


def thunderbird(site: Site, seen: Seen) -> Verdict:
    """Whether Thunderbird and others set themselves up."""
    return _all(THUNDERBIRD, site, seen)


def outlook(site: Site, seen: Seen) -> Verdict:
    """Whether Outlook sets itself up, without a warning about a certificate on the way."""
    verdict = _all(OUTLOOK, site, seen)
    direct = (seen.setups or {}).get('autodiscover')
    first = _found(seen, OUTLOOK)
    warns = direct is not None and direct.problem == 'untrusted'
    if direct and warns and first and first[0] != 'autodiscover-domain':
        return Verdict(State.LOOK, 'setup-warns', _params(direct), (direct.url,))
    return verdict
