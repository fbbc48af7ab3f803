# SPDX-License-Identifier: AGPL-3.0-or-later
"""Verdicts on the settings mail apps get; nothing is asked here."""

from dataclasses import replace

from ..status import State, Verdict
from .answer import Seen, Setup
from .records import Record, Site

THUNDERBIRD = ('autoconfig', 'well-known', 'autoconfig-http', 'well-known-http')
OUTLOOK = ('autodiscover-domain', 'autodiscover', 'autodiscover-http', 'autodiscover-srv')
"""The order in which programs ask; the first place with settings counts."""
_BEHIND = {
    'autoconfig': ('autoconfig', 'autoconfig-http'),
    'autodiscover': ('autodiscover',),
    'srv-autodiscover': ('autodiscover-srv',),
}
"""Where programs ask because of a record."""
_HTTP = frozenset({'autoconfig-http', 'well-known-http'})
_STATES = {
    'untrusted': State.LOOK,
    'missing': State.LOOK,
    'unreachable': State.UNKNOWN,
    'absent': State.LOOK,
}
_GRAVEST = ('missing', 'untrusted', 'unreachable', 'absent')


def _name(setup: Setup) -> str:
    """The name a program asked."""
    return setup.url.partition('://')[2].partition('/')[0]


def _found(seen: Seen, keys: tuple[str, ...]) -> tuple[str, Setup] | None:
    """The first place with settings."""
    setups = seen.setups or {}
    return next(((key, setups[key]) for key in keys if key in setups and setups[key].host), None)


def _is_ours(setup: Setup, site: Site) -> bool:
    return setup.host in (site.host, site.domain, site.client_host)


def _settings(key: str, setup: Setup, site: Site) -> Verdict:
    """The verdict on settings that were found."""
    params = {'name': _name(setup), 'host': setup.host}
    if not _is_ours(setup, site):
        return Verdict(State.LOOK, 'setup-other', params, (setup.url,))
    return Verdict(
        State.WORKS, 'setup-http' if key in _HTTP else 'setup-right', params, (setup.url,)
    )


def _nothing(setups: list[Setup]) -> Verdict:
    """The verdict on places without settings: the one that can be mended counts most."""
    problem = next((each for each in _GRAVEST if any(s.problem == each for s in setups)), '')
    if not problem:
        return Verdict(State.UNKNOWN, 'setup-unknown')
    first = next(each for each in setups if each.problem == problem)
    return Verdict(_STATES[problem], f'setup-{problem}', {'name': _name(first)}, (first.url,))


def behind(record: Record, verdict: Verdict, site: Site, seen: Seen) -> Verdict:
    """The verdict on a record that leads mail apps to a place: the settings there count."""
    keys = _BEHIND.get(record.role)
    if keys is None or (verdict.state is not State.WORKS and verdict.code != 'name-elsewhere'):
        return verdict
    found = _found(seen, keys)
    if found and (_is_ours(found[1], site) or verdict.state is State.WORKS):
        return replace(_settings(*found, site), found=verdict.found)
    if verdict.state is not State.WORKS:
        return verdict
    setups = [each for key, each in (seen.setups or {}).items() if key in keys]
    return replace(_nothing(setups), found=verdict.found)


def _all(keys: tuple[str, ...], site: Site, seen: Seen) -> Verdict:
    """The verdict on all places a kind of program asks."""
    found = _found(seen, keys)
    if found:
        return _settings(*found, site)
    setups = [each for key, each in (seen.setups or {}).items() if key in keys]
    if not setups or any(each.problem == 'unreachable' for each in setups):
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
        return Verdict(State.LOOK, 'setup-warns', {'name': _name(direct)}, (direct.url,))
    return verdict
