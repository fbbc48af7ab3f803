# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail of the box itself: handed to its own mail server, as any program of the system does.

DIAGNOSTICS
    mail-failed   sendmail(1) did not take it; its own words are the detail
"""

import os
from email.message import EmailMessage

from ..errors import MailError
from ..system import programs

SENDMAIL = '/usr/sbin/sendmail'


def send(message: EmailMessage, sender: str = '') -> None:
    """Hand a message to the box's own mail server; its From is the sender, unless another is named.

    Only root may name a sender: Postfix lets any other account send as itself alone.
    """
    envelope = [] if os.geteuid() else ['-f', sender or str(message['From'])]
    command = [SENDMAIL, '-i', *envelope, '--', str(message['To'])]
    with programs.failing_as('mail-failed'):
        ran = programs.run(command, stdin=message.as_bytes())
    if ran.code:
        raise MailError('mail-failed', ran.words)
