# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports other mail servers send about mail in our name (DMARC) and its encryption (TLS-RPT)."""
