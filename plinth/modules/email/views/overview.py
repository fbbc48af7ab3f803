# SPDX-License-Identifier: AGPL-3.0-or-later
"""The overview: the condition of the mail system, and its problems."""

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import View
from freedombox.app import Info
from freedombox.forms import AppEnableDisableForm
from freedombox.views import AppView, messages_error

from .. import privileged
from ..clients import webmail_apps
from ..clients.webmail import WEBMAIL
from ..directory.box_names import is_public
from ..errors import MailError
from ..health import check_list, observe, setup_notice
from ..health.condition import judge
from ..health.finding import Finding
from ..health.first_steps import next_of
from ..health.observation import Directory, Records
from ..status import State
from ..sync import signals, synchronize
from ..words import pages
from . import guide_place, records, traffic
from .boxtime import BoxTime
from .page import ADMIN_TABS, active_tab, call

SHOWN_DOMAINS = 5
BACK = ('index', 'health')
"""Pages with such buttons."""
SHOWN_PROBLEMS = 6
"""Problems of single domains; the list of domains has them all."""


@dataclass(frozen=True)
class ShownDomain:
    """One line of the list of domains."""

    name: str
    main: bool
    public: bool
    state: State = State.WORKS


def shown_domains(
    directory: Directory | None, records: Sequence[Records] | None = ()
) -> list[ShownDomain]:
    """The domains to list, the worst first, and among equals the primary one."""
    if directory is None:
        return []
    states = {each.domain: each.state for each in records or ()}
    shown = [
        ShownDomain(
            name,
            name == directory.primary,
            is_public(name),
            states.get(name, State.UNKNOWN if records is None else State.WORKS),
        )
        for name in directory.domains
    ]
    order = list(State)
    return sorted(
        shown,
        key=lambda each: (order.index(each.state), not each.main, not each.public, each.name),
    )


def _of_domains(findings: Iterable[Finding], directory: Directory | None) -> list[Finding]:
    """The problems of single domains, the worst first."""
    ends = tuple(f'-{name}' for name in directory.domains) if directory else ()
    return [finding for finding in findings if finding.code.endswith(ends)]


def with_clients_there_are(info: Info, is_set_up: bool = True) -> Info:
    """The app's description without a webmail that is not there.

    No client is shown before the set-up is done: they are its last step.
    """
    has_webmail = webmail_apps.is_on(webmail_apps.ROUNDCUBE)
    shown = copy.copy(info)
    shown.clients = [
        each for each in info.clients if is_set_up and (has_webmail or each is not WEBMAIL)
    ]
    return shown


class OverviewView(BoxTime, AppView):
    """The app's first page."""

    app_id = synchronize.APP_ID
    template_name = 'email-overview.html'

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Have the switch count, even one that meets our own work, and hold no request up."""
        switch = AppEnableDisableForm(data=request.POST)
        if 'app_enable_disable_button' in request.POST and switch.is_valid():
            signals.start_switch(switch.cleaned_data['should_enable'])
            return HttpResponseRedirect(request.path)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the observation and its condition."""
        guide_place.forget(self.request)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        seen = observe.look(context['is_enabled'], synchronize.missing_users())
        domains = shown_domains(seen.directory, seen.records)
        now = datetime.now(UTC)
        condition, checks = judge(seen, now), check_list.checks(seen, now)
        left_out = _of_domains(condition.findings, seen.directory)[SHOWN_PROBLEMS:]
        steps = setup_notice.steps_for(seen)
        is_put_away = bool(steps) and setup_notice.is_put_away()
        setup_notice.show(() if is_put_away else steps)
        is_set_up = is_put_away or not steps
        context['app_info'] = with_clients_there_are(context['app_info'], is_set_up)
        context.update(
            heading=context['app_info'].name,
            tabs=ADMIN_TABS,
            tab=active_tab(ADMIN_TABS, self.request.path),
            seen=seen,
            condition=condition,
            findings=[each for each in condition.findings if each not in left_out],
            more_findings=len(left_out),
            checks=len(checks),
            passed=sum(each.works for each in checks),
            traffic=traffic.recent() if is_set_up else None,
            webmail_apps=webmail_apps.offered(),
            steps=steps,
            step_number=next_of(steps),
            is_put_away=is_put_away,
            domains=domains[:SHOWN_DOMAINS],
            more_domains=max(0, len(domains) - SHOWN_DOMAINS),
        )
        return context


class RepairView(View):
    """The buttons beside findings, on the overview and on Health."""

    http_method_names = ('post',)

    def post(self, request: HttpRequest) -> HttpResponseRedirect:
        """Do the repair that was asked for and go back to the page of the button."""
        repair = request.POST.get('repair')
        if repair == 'queue':
            self._retry(request)
        elif repair == 'users-are-gone':
            self._believe(request)
        elif repair == 'give-mail':
            self._give(request)
        elif repair == 'check':
            self._check(request)
        elif repair == 'release':
            signals.start_release(request.user.username)
        else:
            signals.start_repair(request.user.username)
        back = request.POST.get('back', '')
        return HttpResponseRedirect(reverse(f'email:{back if back in BACK else "index"}'))

    def _check(self, request: HttpRequest) -> None:
        """Check the records of a domain now."""
        try:
            site = records.find(request.POST.get('about', ''))
        except MailError as error:
            messages.error(request, error.sentence)
        else:
            records.look_at(request, site.domain)

    def _believe(self, request: HttpRequest) -> None:
        """Follow users who are gone, the ones that were shown."""
        try:
            synchronize.users_are_gone(request.POST.get('about', ''))
        except MailError as error:
            messages.error(request, error.sentence)
        else:
            messages.success(request, pages.USERS_GONE)

    def _give(self, request: HttpRequest) -> None:
        """Give kept mail to the mailbox that has its address today."""
        try:
            address = call(privileged.mail_give, request.POST.get('about', ''))
        except MailError as error:
            messages.error(request, error.sentence)
        else:
            text = pages.MAIL_GIVEN
            messages.success(request, text.format(address=address))

    def _retry(self, request: HttpRequest) -> None:
        """Have all waiting mail tried again."""
        try:
            privileged.queue_retry('moving', '', '', [])
        except Exception as error:  # noqa: BLE001 - whatever it is, the page says so
            messages_error(request, pages.RETRY_FAILED, error)
        else:
            messages.success(request, pages.RETRYING)
