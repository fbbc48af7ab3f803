# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings for all tests: a busy machine is no reason for a property test to fail."""

from hypothesis import HealthCheck, settings

settings.register_profile('box', deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile('box')
