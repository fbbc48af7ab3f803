# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bringing the whole lab up, down and away."""

import concurrent.futures
import json
import shutil
from pathlib import Path
from typing import Any

from . import base, container, dns, freedombox, host, limits, network, outside, package, settings
from .host import step
from .settings import ADMIN, BOX, CACHE, DOMAINS, OUTSIDE, USERS, Machine

_FOLLOW = (
    'from plinth.modules.email.privileged import directory_setup\n'
    'from plinth.modules.email.maintenance.setup import refresh\n'
    'directory_setup.__wrapped__()\n'
    'refresh()'
)
_STAGE = 'first boot, two users, two domains'


def up() -> None:
    """Make the lab as described in README: every step is skipped when it holds already."""
    host.check_machine()
    host.install_packages()
    had_zones = container.leader(OUTSIDE) and (BOX.folder / 'published').exists()
    if not container.leader(BOX) or not container.leader(OUTSIDE):
        _bases()
    network.up()
    outside.up()
    app = _app_base()
    is_copy = boot_box(BOX, app)
    changed = package.install(BOX)
    freedombox.wait_until_updated(BOX)
    if _set_up_app(changed) and container.can_copy(BOX):
        _keep(app)
    limits.raise_limits(BOX)
    if is_copy:
        _check_domains()
    if changed or not had_zones:
        publish_zones()
    base.prune(ready_base(), _booted_base())


def _bases() -> None:
    """Make at the same time what is slow and needs nothing else."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        jobs = [pool.submit(make) for make in (base.freedombox, base.outside, package.built)]
        for job in jobs:
            job.result()


def ready_base() -> Path:
    """The folder of the base a first boot was made in, or would be."""
    root = base.freedombox()
    return base.folder('ready', base.key(root.name, _STAGE, str(ADMIN), str(USERS), str(DOMAINS)))


def _booted_base() -> Path:
    """The folder of the base in which FreedomBox has set up its own apps, or would be."""
    return base.folder('booted', base.key(base.freedombox().name))


def _keep_booted(machine: Machine) -> None:
    if container.can_copy(machine):
        name = _booted_base().name.removeprefix('booted-')
        base.obtain('booted', name, lambda to: container.copy_changes(machine, to / 'upper'))


def boot_before_wizard(machine: Machine) -> None:
    """Boot a FreedomBox that waits for its administrator to begin the first-boot wizard."""
    booted = [_booted_base() / 'upper'] if _booted_base().exists() else []
    container.boot(machine, [*booted, base.freedombox() / 'root'])
    freedombox.wait_until_ready(machine)


def _app_base() -> Path:
    """The folder of the base in which the app of this tree was set up, or would be."""
    return base.folder('app', base.key(ready_base().name, package.state()))


def _keep(target: Path) -> None:
    """Keep the box, in which nothing but the set-up has happened yet, for other labs."""

    def build(folder: Path) -> None:
        with step('A copy of the box for other labs'):
            container.copy_changes(BOX, folder / 'upper')
            shutil.copy2(BOX.folder / package.RECORD, folder)

    base.obtain('app', target.name.removeprefix('app-'), build)


def _check_domains() -> None:
    """Have the box see the DNS of its own lab instead of the one it was copied from."""
    for domain in DOMAINS:
        container.execute(BOX, ['freedombox-email', 'dns', 'check', domain], check=False)


def boot_box(machine: Machine, app: Path | None = None) -> bool:
    """Boot a FreedomBox that has its first boot, users and domains behind it.

    It has the app too when there is a base with it; then the answer is true.
    """
    if container.leader(machine):
        return False
    layers = container.layers_of(machine) if (machine.folder / 'upper').exists() else []
    is_copy = not layers and app is not None and app.exists()
    if not layers and not ready_base().exists():
        _make_ready(Machine('ready', machine.ip, 'box'))
    with step(f'Booting {machine.name}'):
        below = [ready_base() / 'upper', base.freedombox() / 'root']
        above = [app / 'upper'] if app and is_copy else []
        container.boot(machine, layers or [*above, *below])
    if not layers:
        (machine.folder / 'unused').touch()
    if app and is_copy:
        shutil.copy2(app / package.RECORD, machine.folder)
    return is_copy


def _make_ready(machine: Machine) -> None:
    """Go through a first boot once, and keep its changes as a base layer."""
    container.discard(machine)
    outside.up()
    with step('First boot of FreedomBox: its own apps are set up'):
        container.boot(machine, [base.freedombox() / 'root'])
        freedombox.wait_until_ready(machine)
    _keep_booted(machine)
    with step('The first-boot wizard, two users, two domains'):
        freedombox.complete_first_boot(machine, ADMIN)
        browser = freedombox.log_in(machine)
        for user in USERS:
            freedombox.create_user(browser, user)
        for domain in DOMAINS:
            freedombox.add_domain(browser, domain)

    def build(target: Path) -> None:
        container.stop(machine)
        container.freeze(machine, target / 'upper')

    base.obtain('ready', ready_base().name.removeprefix('ready-'), build)


def _set_up_app(changed: bool) -> bool:
    """Set the app up, and say so; where it is, let the daemons' files follow an edit of ours."""
    if freedombox.app_version(BOX):
        if changed:
            container.execute(BOX, ['python3', '-c', _FOLLOW])
        return False
    with step('Setting up the email app through its page'):
        freedombox.install_app(freedombox.log_in(BOX), BOX)
    return True


def zones() -> list[dns.LabZone | dns.MailZone]:
    """The zones of the box's domains, with the keys the box signs with, and others'."""
    found: list[dns.LabZone | dns.MailZone] = [outside.ZONE, outside.WORLD]
    for domain, records in key_records(*DOMAINS).items():
        found.append(dns.MailZone(domain, BOX.ip, records=records))
    return [*found, dns.MailZone('builtin.test', settings.BUILTIN.ip)]


def publish_zones() -> None:
    """Serve these zones and no others."""
    dns.publish(zones())
    (BOX.folder / 'published').touch()


def key_records(*domains: str) -> dict[str, tuple[str, ...]]:
    """The records of the box's signing keys by domain, in short strings."""
    script = (
        'import json, sys\n'
        'from plinth.modules.email.maintenance.dns_publishing import live_keys\n'
        'print(json.dumps({name: [key.to_json() for key in live_keys(name)] '
        'for name in sys.argv[1:]}))'
    )
    found = json.loads(container.execute(BOX, ['python3', '-c', script, *domains]).stdout)
    return {
        domain: tuple(
            _key_record(**{name: key[name] for name in ('selector', 'kind', 'public')})
            for key in keys
        )
        for domain, keys in found.items()
    }


def _key_record(selector: str, kind: str, public: str) -> str:
    value = f'v=DKIM1; k={kind}; p={public}'
    strings = ' '.join(f'"{value[start : start + 250]}"' for start in range(0, len(value), 250))
    return f'{selector}._domainkey TXT ({strings})'


def renew() -> None:
    """Forget the machines tests have run on, with all that those left there."""
    if _unused().exists():
        return
    for machine in settings.MACHINES.values():
        with step(f'A new {machine.name}, as tests have used it'):
            container.discard(machine)


def note_use() -> None:
    """Note that tests run on the machines."""
    _unused().unlink(missing_ok=True)


def _unused() -> Path:
    return BOX.folder / 'unused'  # see `boot_box`


def down(*, at_once: bool = False) -> None:
    """Stop every machine and take the network away; their files stay."""
    for machine in settings.MACHINES.values():
        with step(f'Stopping {machine.name}'):
            container.stop(machine, at_once=at_once)
    network.down()


def destroy() -> None:
    """Remove machines, network and, unless another lab needs it, the cache."""
    down(at_once=True)
    host.remove_tree(settings.MACHINES_FOLDER)
    if not list((CACHE / 'machines').glob('*')):
        host.remove_tree(CACHE)


def status() -> dict[str, Any]:
    """The lab's addresses, logins and domains."""

    def person(user: settings.LabUser) -> dict[str, Any]:
        return {'username': user.username, 'password': user.password, 'addresses': [user.address]}

    return {
        'running': {m.name: bool(container.leader(m)) for m in settings.MACHINES.values()},
        'ip': BOX.ip,
        'url': freedombox.url(BOX),
        'admin': {'username': ADMIN.username, 'password': ADMIN.password},
        'users': [person(user) for user in USERS],
        'domains': list(DOMAINS),
        'outside': {'ip': OUTSIDE.ip, 'domain': settings.OUTSIDE_DOMAIN,
                    'users': [person(user) for user in settings.OUTSIDE_USERS]},
        'dns': {'ip': settings.DNS},
    }  # fmt: skip
