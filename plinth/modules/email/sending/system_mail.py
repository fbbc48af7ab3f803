# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail of the box itself: handed to its own mail server, as any program of the system does.

DIAGNOSTICS
    mail-failed   sendmail(1) did not take it; its own words are the detail
"""

import os
import subprocess
from email.message import EmailMessage

from ..errors import MailError

SENDMAIL = '/usr/sbin/sendmail'


def send(message: EmailMessage, sender: str = '') -> None:
    """Hand a message to the box's own mail server; its From is the sender, unless another is named.

    Only root may name a sender: Postfix lets any other account send as itself alone.
    """
    envelope = [] if os.geteuid() else ['-f', sender or str(message['From'])]
    command = [SENDMAIL, '-i', *envelope, '--', str(message['To'])]
    try:
        subprocess.run(
            command, input=message.as_bytes(), capture_output=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        detail = (getattr(error, 'stderr', None) or b'').decode(errors='replace').strip()
        raise MailError('mail-failed', detail or str(error)) from error
