# SPDX-License-Identifier: AGPL-3.0-or-later
"""What mail programs are told, so that an address and a password are all people have to enter."""
