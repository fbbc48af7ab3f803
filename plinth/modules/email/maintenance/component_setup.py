# SPDX-License-Identifier: AGPL-3.0-or-later
"""Optional parts: looked at, installed and removed, with packages, settings and programs.

DESCRIPTION
    What would not fit is refused before anything changes. Packages come first, then what the
    programs need to start, then the directory and the settings that follow from it. If the
    program does not answer in the end, the settings are as before: mail goes on without the part.
    The packages that had to be installed are noted in `NOTES`, and only these are removed.

    How far it is stands in a file below /run, as the web interface asks while root is at work.

DIAGNOSTICS
    component-missing        there is no optional part of that name
    component-no-room        too little memory or disk space
    component-no-signatures  the virus signatures could not be downloaded yet
    component-silent         its program does not answer; nothing of the settings was changed
    component-kept           a program of a package could not be stopped
    What :mod:`..system.packages` and :mod:`.setup` raise passes through.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from freedombox import action_utils

from ..config import antivirus
from ..config.state import Port
from ..directory.component import ANTIVIRUS, COMPONENTS, Component, get_component
from ..directory.store import PageStore, Store
from ..directory.verbs.component_choices import choose_component
from ..errors import MailError
from ..system import files, free_room, packages, systemd
from ..system.json_value import JsonValue
from ..system.packages import AptProgress
from ..transaction import units
from . import setup

PROGRESS = Path('/run/freedombox-email-component')
NOTES = Path('/var/lib/freedombox-email/components')
SIGNATURES = Path('/var/lib/clamav')
SIGNATURE_SECONDS = 900.0
ANSWER_SECONDS = 180.0
_SIGNATURE_KINDS = ('.cvd', '.cld', '.hdb', '.ndb')
_OWN_SIGNATURES = 'freedombox-email.ndb'
_LOOK_SECONDS = 1.0
_READY: Mapping[str, Port] = {ANTIVIRUS.name: antivirus.READY}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ComponentState(JsonValue):
    """An optional part on this box; `runs` is None while it is not installed."""

    name: str
    installed: bool
    runs: bool | None = None


@dataclass(frozen=True)
class ComponentStates(JsonValue):
    """All optional parts on this box."""

    components: tuple[ComponentState, ...]


@dataclass(frozen=True)
class ComponentProgress(JsonValue):
    """How far the work on an optional part is; without a step, none is under way."""

    step: str = ''
    percent: int = 0


def look() -> ComponentStates:
    """The optional parts, and whether they run."""
    with Store() as store:
        installed = store.settings().component_names
    runs = systemd.running(unit for each in COMPONENTS.values() for unit in each.units)
    return ComponentStates(tuple(
        ComponentState(
            each.name,
            each.name in installed,
            all(runs[unit] for unit in each.units) if each.name in installed else None,
        )
        for each in COMPONENTS.values()
    ))  # fmt: skip


def progress() -> ComponentProgress:
    """How far the work is."""
    try:
        return ComponentProgress.from_json(json.loads(PROGRESS.read_text(encoding='ascii')))
    except (OSError, ValueError):
        return ComponentProgress()


def _note(step: str, percent: float = 0.0) -> None:
    """Note how far the work is."""
    told = ComponentProgress(step, min(100, max(0, round(percent))))
    files.put(PROGRESS, json.dumps(told.to_json()).encode(), 0o644)


def _note_apt(told: AptProgress) -> None:
    """Note how far apt is."""
    packages.log(told)
    _note(told.step, told.percent)


@contextmanager
def _noted() -> Iterator[None]:
    """Have the progress forgotten at the end."""
    try:
        yield
    finally:
        PROGRESS.unlink(missing_ok=True)


def check_room(component: Component) -> None:
    """Refuse an optional part for which this box is too small."""
    there = free_room.look()
    if lacking := there.lacks(component.memory_mb, component.disk_mb):
        needed = {'memory': component.memory_mb, 'disk': component.disk_mb}[lacking]
        found = {'memory': there.memory_mb, 'disk': there.disk_mb}[lacking]
        raise MailError(f'component-no-room.{lacking}', needed=needed, there=found or 0)


def install(name: str, people: Sequence[str] = ()) -> None:
    """Install an optional part and put it in force."""
    component, who = get_component(name), setup.persons(people)
    with Store() as store:
        is_there = component.name in store.settings().component_names
    with _noted():
        if not is_there:
            check_room(component)
        _install_packages(component)
        _PREPARE[component.name]()
        _note('settings')
        _choose(component, True, who)
        _check(component, who)


def remove(name: str, people: Sequence[str] = ()) -> None:
    """Put an optional part out of force, and remove the packages that came with it."""
    component, who = get_component(name), setup.persons(people)
    with _noted():
        _note('settings')
        _choose(component, False, who)
        _stop(component)
        _remove_packages(component)


def remove_all() -> None:
    """Remove all optional parts, as the app is being uninstalled."""
    for each in look().components:
        if each.installed:
            remove(each.name)


def _choose(component: Component, installed: bool, who: str) -> None:
    """Have the directory say it, and the daemons follow."""
    with PageStore() as store:
        choose_component(store, component.name, installed)
    setup.refresh(who, title=f'{"Install" if installed else "Remove"} {component.name}')


def _check(component: Component, who: str) -> None:
    """Take it out of force again if its program does not answer."""
    _note('start')
    try:
        units.answer(_READY[component.name], ANSWER_SECONDS)
    except MailError as error:
        _choose(component, False, who)
        _stop(component)
        raise MailError('component-silent', error.detail) from error


def _stop(component: Component) -> None:
    """Stop its programs; the service first, as systemd opens no socket of one that runs."""
    with systemd.connected() as manager:
        for unit in reversed(component.units):
            manager.job('StopUnit', unit)


def _install_packages(component: Component) -> None:
    """Install its packages; Debian's way to run them gives way to ours if it is new."""
    with action_utils.apt_hold_freedombox():
        new = packages.install(component.packages, recommends=False, on_progress=_note_apt)
    if new:
        NOTES.mkdir(mode=0o755, exist_ok=True)
        files.put(NOTES / component.name, json.dumps(new).encode(), 0o644)
        for unit in component.replaced:
            systemd.disable(unit, 'component-kept')


def _noted_packages(component: Component) -> list[str]:
    """The packages that had to be installed for it."""
    try:
        found = json.loads((NOTES / component.name).read_text(encoding='ascii'))
    except (OSError, ValueError):
        return []
    return [str(each) for each in found] if isinstance(found, list) else []


def _remove_packages(component: Component) -> None:
    """Remove the packages that had to be installed for it, unless others need them by now."""
    if noted := _noted_packages(component):
        try:
            with action_utils.apt_hold_freedombox():
                packages.remove(noted, purge=True, on_progress=_note_apt)
        except MailError as error:
            if error.code != 'packages-needed':
                raise
            logger.info('Packages of %s stay: %s', component.name, error.sentence)
        (NOTES / component.name).unlink()


def has_signatures(folder: Path = SIGNATURES) -> bool:
    """Whether there are signatures of viruses besides our own."""
    return any(
        each.suffix in _SIGNATURE_KINDS and each.name != _OWN_SIGNATURES
        for each in folder.glob('*')
    )


def _wait_for_signatures() -> None:
    """Wait until Debian's service has downloaded signatures, which takes some minutes."""
    end = time.monotonic() + SIGNATURE_SECONDS
    while not has_signatures():
        _note('signatures')
        if time.monotonic() > end:
            raise MailError('component-no-signatures')
        time.sleep(_LOOK_SECONDS)


_PREPARE: Mapping[str, Callable[[], None]] = {ANTIVIRUS.name: _wait_for_signatures}
