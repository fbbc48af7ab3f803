# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verb for optional parts of the mail system.

DIAGNOSTICS
    component-missing   there is no optional part of that name
"""

import dataclasses

from ..acts import act
from ..component import get_component
from ..store import Store


@act
def choose_component(store: Store, name: str, installed: bool) -> tuple[str, ...]:
    """Choose whether an optional part is used; the names of all that are."""
    component = get_component(name)
    settings = store.settings()
    others = {each for each in settings.component_names if each != component.name}
    names = tuple(sorted(others | ({component.name} if installed else set())))
    store.change_settings(settings, dataclasses.replace(settings, components=' '.join(names)))
    return names
