# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keep how strict a domain asks others to be.

DIAGNOSTICS
    policy-invalid   there is no such policy
    policy-failed    it could not be written; what was chosen before holds
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from freedombox.actions import privileged

from ..dns import here, policy
from ..errors import MailError


def changed(before: policy.Policy, dmarc: str, mta_sts: str) -> policy.Policy:
    """Return another choice; a day is noted for what is new in it."""
    today = datetime.now(UTC).date()
    after = before
    if dmarc != before.dmarc:
        after = replace(after, dmarc=dmarc, dmarc_since=today)
    if mta_sts != before.mta_sts:
        after = replace(after, mta_sts=mta_sts, mta_sts_since=today)
    return after


def keep(domain: str, chosen: policy.Policy, folder: Path = policy.FOLDER) -> None:
    """Put a choice in the place of another in one step."""
    path = policy.path_of(domain, folder)
    unfinished = path.with_suffix('.new')
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        unfinished.write_text(json.dumps(chosen.to_json()), encoding='utf-8')
        unfinished.chmod(0o644)
        unfinished.rename(path)
    except OSError as error:
        raise MailError('policy-failed', 'The choice could not be kept.', str(error)) from error


@privileged
def policy_set(domain: str, dmarc: str, mta_sts: str) -> None:
    """Choose how strict a domain of ours asks others to be."""
    name, _host = here.find(domain)
    try:
        chosen = changed(policy.read(name), dmarc, mta_sts)
    except ValueError as error:
        raise MailError('policy-invalid', 'There is no such policy.', str(error)) from error
    keep(name, chosen)
