# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tags and filters of the app's templates."""
