# SPDX-License-Identifier: AGPL-3.0-or-later
"""The Sieve script that puts mail to `local+topic@` into the folder Topic, where there is one.

It is the same for every mailbox and holds no text of people: it alone uses variables.
"""

from ..config.state import MADE

LABELS = f"""# {MADE}
require ["envelope", "fileinto", "mailbox", "subaddress", "variables"];

if envelope :detail :matches "to" "?*" {{
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
