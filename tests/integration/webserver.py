# SPDX-License-Identifier: AGPL-3.0-or-later
"""Web servers elsewhere, which the box asks."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def answering(server: http.server.HTTPServer) -> Iterator[None]:
    """Let a server answer for a while."""
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
