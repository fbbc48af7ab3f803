# SPDX-License-Identifier: AGPL-3.0-or-later
"""Addresses of the app's pages; other apps and stored links know these names."""

from django.urls import path
from freedombox.utils import non_admin_view
from stronghold.decorators import public

from .views.addresses import AddressesView
from .views.autoconfig import AutoconfigView
from .views.mta_sts import PolicyView
from .views.nameserver import ForgetView, NameServerView
from .views.overview import OverviewView, RepairView
from .views.records import CheckView, PublishView, RecordsView, ZoneView

urlpatterns = [
    path('apps/email/', OverviewView.as_view(), name='index'),
    path('apps/email/repair/', RepairView.as_view(), name='repair'),
    path('apps/email/dns/<str:domain>/', RecordsView.as_view(), name='dns'),
    path('apps/email/dns/<str:domain>/check/', CheckView.as_view(), name='dns-check'),
    path('apps/email/dns/<str:domain>/zone/', ZoneView.as_view(), name='dns-zone'),
    path('apps/email/dns/<str:domain>/publish/', PublishView.as_view(), name='dns-publish'),
    path('apps/email/dns/<str:domain>/server/', NameServerView.as_view(), name='dns-server'),
    path('apps/email/dns/<str:domain>/server/forget/', ForgetView.as_view(), name='dns-forget'),
    path('apps/email/mta-sts.txt', public(PolicyView.as_view()), name='mta-sts'),
    path('apps/email/aliases/', non_admin_view(AddressesView.as_view()), name='aliases'),
    path('apps/email/config.xml', public(AutoconfigView.as_view()), name='config-xml'),
]
