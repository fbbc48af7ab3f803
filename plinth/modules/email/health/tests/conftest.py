# SPDX-License-Identifier: AGPL-3.0-or-later
"""Django, set up once with FreedomBox's settings for tests: sentences are its translations."""

import os

import django

os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'freedombox.tests.data.django_test_settings')
django.setup()
