# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long stories of messages are kept, and how much room they may take.

The usual values are in `TraceKeeping`; those that an administrator has chosen are in
`/etc/freedombox-email/trace.json`. Everyone may read it: it holds no secrets, and the service that
follows the log has few rights.

DIAGNOSTICS
    keeping-invalid   values that are out of bounds
    A file that is damaged counts as none.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import MailError
from ..system import files
from ..system.json_value import JsonValue

PATH = Path('/etc/freedombox-email/trace.json')
MOST_DAYS = 365
LEAST_MEGABYTES, MOST_MEGABYTES = 10, 20_000


@dataclass(frozen=True)
class TraceKeeping(JsonValue):
    """Days and megabytes after which the oldest stories are removed, and whether with subjects."""

    days: int = 30
    megabytes: int = 1500
    subjects: bool = False
    """Whether the spam filter logs the subject of each message, which is part of its content."""

    def __post_init__(self) -> None:
        """Refuse values that are out of bounds."""
        if not 1 <= self.days <= MOST_DAYS:
            raise MailError('keeping-invalid.days', most=MOST_DAYS)
        if not LEAST_MEGABYTES <= self.megabytes <= MOST_MEGABYTES:
            raise MailError('keeping-invalid', least=LEAST_MEGABYTES, most=MOST_MEGABYTES)


def read(path: Path = PATH) -> TraceKeeping:
    """The values of this box."""
    try:
        return TraceKeeping.from_json(json.loads(path.read_text(encoding='utf-8')))
    except FileNotFoundError:
        return TraceKeeping()
    except (OSError, ValueError, MailError) as error:
        print(f'{path} is not understood: {error}', file=sys.stderr)
        return TraceKeeping()


def write(keeping: TraceKeeping, path: Path = PATH) -> TraceKeeping:
    """Keep other values; the service reads them within some minutes."""
    path.parent.mkdir(mode=0o755, exist_ok=True)
    files.put(path, json.dumps(keeping.to_json()).encode(), 0o644)
    return keeping
