# SPDX-License-Identifier: AGPL-3.0-or-later
"""The app's forms, one module for each kind of thing."""
