# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names of the trees in FreedomBox's slapd: the only place that writes them out."""

SUFFIX = 'dc=thisbox'
BASE_DN = f'ou=mail,{SUFFIX}'
"""The mail directory."""
