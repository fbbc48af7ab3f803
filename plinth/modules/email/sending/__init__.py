# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail on its way out: encryption towards other servers, and messages of the box itself."""
