# SPDX-License-Identifier: AGPL-3.0-or-later
"""Samples of a month of mail, for the pictures of charts."""

from playwright.sync_api import Page

from . import container
from .settings import BOX

_FILL = """
import time
from datetime import datetime, timedelta
from plinth.modules.email.activity.samples import Samples
from plinth.modules.email.system.box_zone import box_zone
HOUR, now = 3600, time.time()
last, today = int(now // HOUR) * HOUR, datetime.now(box_zone()).date()
BUSY = {'incoming': 7, 'outgoing': 3, 'spam': 3, 'refused': 4, 'deferred': 1}
counts = []
for ago in range(24 * 31):
    day, hour = divmod(ago, 24)
    quiet = 6 if (last // HOUR - ago) % 24 < 7 else 1
    for place, (kind, most) in enumerate(BUSY.items()):
        count = (ago * 7 + day * 3 + place * 5) % (most + 1) // quiet
        counts.append((last - ago * HOUR, kind, count))
with Samples() as samples:
    for week in range(5):
        samples.keep_counts(last - 31 * 24 * HOUR, counts, now - week * 7 * 24 * HOUR)
    for ago in range(24 * 31):
        samples.keep_queue((ago * 13) % 29 // 9, last - ago * HOUR)
    for ago in range(31):
        samples.keep_used(today - timedelta(days=ago), {
            'alice@example.test': 930_000_000 - ago * 9_000_000,
            'bob@example.test': 310_000_000 - ago * 500_000,
            'emma@example.test': 45_000_000 + ago * 200_000})
"""


def sample_traffic(page: Page | None = None) -> None:
    """Have samples of the last month."""
    container.execute(BOX, ['python3', '-'], stdin=_FILL)
    if page:
        page.reload()
