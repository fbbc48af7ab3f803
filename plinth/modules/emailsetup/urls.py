# SPDX-License-Identifier: AGPL-3.0-or-later
"""Address of the step at the first start."""

from django.urls import path

from .views import FirstBootView

urlpatterns = [path('firstboot/email/', FirstBootView.as_view(), name='firstboot')]
