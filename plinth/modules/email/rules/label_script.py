# SPDX-License-Identifier: AGPL-3.0-or-later
"""The Sieve script that puts mail to `local+topic@` into the folder Topic, where there is one.

It is the same for every mailbox and holds no text of people: it alone uses variables. Each sender
chooses the label, so it leads to none of the usual folders, where a message could be planted among
those that were sent, or hidden, and into no shared mailbox.
"""

from ..config.folders import FOLDERS, QUARANTINE
from ..config.sharing import FOLDER
from ..config.state import MADE
from .sieve_text import strings

_NAMES = sorted({FOLDER, QUARANTINE, *(name for name, _auto, _use in FOLDERS)})
_CLOSED = strings([form for name in _NAMES for form in (name, f'{name}/*')])

LABELS = f"""# {MADE}
require ["envelope", "fileinto", "mailbox", "subaddress", "variables"];

if allof (not envelope :detail :matches "to" {_CLOSED}, envelope :detail :matches "to" "?*") {{
	set "exact" "${{0}}";
	set :lower :upperfirst "title" "${{0}}";
	set :lower "small" "${{0}}";
	if mailboxexists "${{exact}}" {{
		fileinto "${{exact}}";
		stop;
	}}
	if mailboxexists "${{title}}" {{
		fileinto "${{title}}";
		stop;
	}}
	if mailboxexists "${{small}}" {{
		fileinto "${{small}}";
		stop;
	}}
}}
"""
