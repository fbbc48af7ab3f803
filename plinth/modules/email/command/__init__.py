# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command `freedombox-email`: the mail system from a root shell.

One module per group of verbs. Each has `register`, which adds its verbs to the parser,
and functions that take the parsed arguments and return an `Output`; only `main` prints.
"""
