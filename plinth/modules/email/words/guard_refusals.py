# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences with which mail services refuse what a guarded mailbox may not do.

The services know no reader's language: they are in English.
"""

from .mark import gettext_noop as _

NO_FILTERS = _('Only an administrator can change the filters of this mailbox.')
