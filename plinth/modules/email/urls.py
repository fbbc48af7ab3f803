# SPDX-License-Identifier: AGPL-3.0-or-later
"""Addresses of the app's pages; other apps and stored links know these names."""

from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from freedombox.utils import non_admin_view
from stronghold.decorators import public

from .views import (
    activity,
    addresses,
    alias_api,
    alias_keys,
    aliases,
    approval,
    away,
    common_filters,
    devices,
    domains,
    ending,
    filters,
    guards,
    mailboxes,
    members,
    message_list,
    my,
    my_messages,
    my_reports,
    my_spam,
    not_me,
    password,
    profile,
    quarantine,
    quarantine_link,
    queue,
    relays,
    resolve,
    sign_in,
    spam_lists,
    spam_memory_file,
    storage,
    transfer,
    undo,
    ways_out,
)
from .views.address import AddressView
from .views.autoconfig import AutoconfigView
from .views.autodiscover import AutodiscoverJsonView, AutodiscoverView
from .views.blocked import BlockedView, UnblockView
from .views.component_page import ComponentsPage
from .views.console import NoConsole
from .views.delivery import DeliveryPage
from .views.drift import DriftView
from .views.first_hour import LaterView, TestMessage
from .views.guide import GuideStart, GuideView
from .views.health import HealthPage
from .views.house_rules import HouseRules
from .views.mta_sts import PolicyView
from .views.nameserver import ForgetView, NameServerView
from .views.overview import OverviewView, RepairView
from .views.page import UserPage
from .views.policy import PolicyChoice
from .views.reach import OutsideView, ReachSetupView, ReachView
from .views.recipients import RecipientsPage
from .views.records import CheckView, KeysView, PublishView, RecordsView, ZoneView
from .views.rehearsal import RehearsalPage
from .views.reports import ChoosePolicy, ReportsPage
from .views.settings_sheet import SettingsSheet
from .views.setup_requests import SetupRequestsPage
from .views.start import StartView
from .views.telling import TellingCode, TellingPage
from .views.traffic import MetricsSwitch, TrafficPage


def _admin(route: str, view: type, name: str) -> URLPattern:
    """A page for administrators."""
    return path(f'apps/email/{route}', view.as_view(), name=name)  # type: ignore[attr-defined]


def _user(route: str, view: type[UserPage], name: str) -> URLPattern:
    """A page for all with an account or a mailbox, which shows only their own entries.

    FreedomBox lets all come this far; `UserPage` lets no one in without either.
    """
    return _public(route, view, name)


def _public(route: str, view: type, name: str) -> URLPattern:
    """A public page."""
    return path(f'apps/email/{route}', public(view.as_view()), name=name)  # type: ignore[attr-defined]


def _asked(route: str, view: type, name: str) -> URLPattern:
    """An answer for programs, which have no session that a POST could be forged in."""
    handler = csrf_exempt(public(view.as_view()))  # type: ignore[attr-defined]
    return path(f'apps/email/{route}', handler, name=name)


urlpatterns = [
    _admin('', OverviewView, 'index'),
    _admin('repair/', RepairView, 'repair'),
    _admin('changed-settings/', DriftView, 'drift'),
    _admin('setup/', GuideStart, 'guide-start'),
    _admin('setup/later/', LaterView, 'setup-later'),
    _admin('setup/<slug:key>/', GuideView, 'guide'),
    _admin('test-message/', TestMessage, 'test-message'),
    _admin('outside/', OutsideView, 'outside'),
    _admin('domains/', domains.DomainList, 'domains'),
    _admin('domains/add/', domains.DomainAdd, 'domain-add'),
    _admin('domains/at/<str:key>/', domains.DomainPage, 'domain'),
    _admin('domains/at/<str:key>/main/', domains.MakePrimary, 'domain-main'),
    _admin('domains/at/<str:key>/any-other/', domains.CatchAllPage, 'catch-all'),
    _admin('domains/at/<str:key>/recipients/', RecipientsPage, 'recipients'),
    _admin('domains/at/<str:key>/reports/', ReportsPage, 'reports'),
    _admin('domains/at/<str:key>/reports/policy/', ChoosePolicy, 'reports-policy'),
    _admin('domains/at/<str:key>/storage/', storage.DomainStorage, 'domain-storage'),
    _admin('domains/at/<str:key>/remove/', domains.DomainRemove, 'domain-remove'),
    _admin('domains/at/<str:key>/dns/', RecordsView, 'dns'),
    _admin('domains/at/<str:key>/dns/check/', CheckView, 'dns-check'),
    _admin('domains/at/<str:key>/dns/zone/', ZoneView, 'dns-zone'),
    _admin('domains/at/<str:key>/dns/publish/', PublishView, 'dns-publish'),
    _admin('domains/at/<str:key>/dns/keys/', KeysView, 'dns-keys'),
    _admin('domains/at/<str:key>/dns/server/', NameServerView, 'dns-server'),
    _admin('domains/at/<str:key>/dns/server/forget/', ForgetView, 'dns-forget'),
    _admin('domains/at/<str:key>/dns/policy/', PolicyChoice, 'dns-policy'),
    _admin('domains/at/<str:key>/dns/address/', AddressView, 'dns-address'),
    _admin('addresses/', addresses.AddressList, 'addresses'),
    _admin('addresses/rules/', HouseRules, 'house-rules'),
    _admin('addresses/off/', addresses.OffList, 'addresses-off'),
    _admin('activity/', activity.ActivityPage, 'activity'),
    _admin('activity/queue/', queue.QueuePage, 'queue'),
    _admin('activity/queue/act/', queue.QueueActView, 'queue-act'),
    _admin('activity/queue/bounce/', queue.QueueBounce, 'queue-bounce'),
    _admin('activity/queue/delete/', queue.QueueDelete, 'queue-delete'),
    _admin('activity/queue/at/<str:name>/', queue.QueuedPage, 'queued'),
    _admin('activity/traffic/', TrafficPage, 'traffic'),
    _admin('activity/traffic/metrics/', MetricsSwitch, 'metrics'),
    _admin('activity/messages/', message_list.MessageList, 'messages'),
    _admin('activity/messages/keeping/', message_list.MessageKeeping, 'message-keeping'),
    _admin('activity/messages/<int:number>/', message_list.MessagePage, 'message'),
    _admin('activity/messages/<int:number>/lines/', message_list.MessageLines, 'message-lines'),
    _admin('activity/retry/', activity.RetryView, 'queue-retry'),
    _admin('activity/held/<str:key>/', activity.HeldPage, 'held'),
    _admin('activity/held/<str:key>/release/', activity.ReleaseView, 'held-release'),
    _admin('activity/held/<str:key>/delete/', activity.HeldDelete, 'held-delete'),
    _admin('activity/freeze/<str:key>/', activity.FreezeView, 'mailbox-freeze'),
    _admin('activity/unfreeze/<str:key>/', activity.UnfreezeView, 'mailbox-unfreeze'),
    _admin('activity/revoke/<str:key>/<str:device>/', activity.RevokeView, 'device-revoke'),
    _admin('mailboxes/', addresses.MailboxList, 'mailboxes'),
    _admin('mailboxes/add/', mailboxes.MailboxAdd, 'mailbox-add'),
    _admin('mailboxes/kept/', mailboxes.KeptList, 'mail-kept'),
    _admin('mailboxes/kept/<str:key>/delete/', mailboxes.KeptDelete, 'mail-delete'),
    _admin('mailboxes/at/<str:key>/', mailboxes.MailboxPage, 'mailbox'),
    _admin('mailboxes/at/<str:key>/content/', mailboxes.MailboxContent, 'mailbox-content'),
    _admin('mailboxes/at/<str:key>/use/', my_reports.UsageReport, 'usage-report'),
    _admin('mailboxes/at/<str:key>/guard/', guards.GuardPage, 'guard'),
    _admin('mailboxes/at/<str:key>/guard/stop/', guards.GuardRemove, 'guard-remove'),
    _admin('mailboxes/at/<str:key>/link/', mailboxes.PasswordLink, 'mailbox-link'),
    _admin('mailboxes/at/<str:key>/members/', members.MembersPage, 'mailbox-members'),
    _admin('mailboxes/at/<str:key>/hand-over/', members.HandoverPage, 'handover'),
    _admin('mailboxes/at/<str:key>/hand-over/cancel/', members.HandoverCancel, 'handover-cancel'),
    _admin('mailboxes/at/<str:key>/end/', ending.MailboxEnd, 'mailbox-end'),
    _admin('mailboxes/at/<str:key>/remove/', mailboxes.MailboxRemove, 'mailbox-remove'),
    path('apps/email/aliases/', non_admin_view(addresses.entrance), name='aliases'),
    _admin('health/', HealthPage, 'health'),
    _admin('health/notifications/', TellingPage, 'telling'),
    _admin('health/notifications/code/', TellingCode, 'telling-code'),
    _admin('delivery/', DeliveryPage, 'delivery'),
    _admin('delivery/filters/<str:place>/add/', common_filters.HouseFilterAdd, 'house-filter-add'),
    _admin(
        'delivery/filters/<str:place>/<int:number>/', common_filters.HouseFilterPage, 'house-filter'
    ),
    _admin(
        'delivery/filters/<str:place>/<int:number>/move/',
        common_filters.HouseFilterMove,
        'house-filter-move',
    ),
    _admin(
        'delivery/filters/<str:place>/<int:number>/remove/',
        common_filters.HouseFilterRemove,
        'house-filter-remove',
    ),
    _admin('delivery/spam/', spam_lists.CommonSenderLists, 'spam-lists'),
    _admin('delivery/spam/<str:which>.txt', spam_lists.CommonListText, 'common-list-text'),
    _admin('delivery/rehearsal/', RehearsalPage, 'rehearsal'),
    _admin('delivery/components/', ComponentsPage, 'components'),
    _admin('delivery/test/', ways_out.TrialPage, 'route-test'),
    _admin('delivery/destinations/add/', ways_out.DestinationAdd, 'destination-add'),
    _admin('delivery/route/<str:scope>/<str:key>/', ways_out.RoutePage, 'route'),
    _admin('delivery/relays/add/', relays.RelayAdd, 'relay-add'),
    _admin('delivery/relays/at/<str:key>/', relays.RelayPage, 'relay'),
    _admin('delivery/relays/at/<str:key>/remove/', relays.RelayRemove, 'relay-remove'),
    _admin('aliases/where/', resolve.ResolveView, 'resolve'),
    _admin('aliases/where/postfix/', resolve.PostfixView, 'resolve-postfix'),
    _admin('aliases/add/', aliases.AliasAdd, 'alias-add'),
    _admin('aliases/at/<str:key>/', aliases.AliasPage, 'alias'),
    _admin('aliases/at/<str:key>/end/', ending.AliasEnd, 'alias-end'),
    _admin('aliases/at/<str:key>/remove/', aliases.AliasRemove, 'alias-remove'),
    _admin('aliases/transfer/', transfer.Transfer, 'transfer'),
    _admin('aliases/transfer/aliases.csv', transfer.Download, 'transfer-aliases'),
    _admin('aliases/transfer/site.yaml', transfer.DownloadSite, 'transfer-site'),
    _admin('aliases/transfer/check/', transfer.ImportCheck, 'transfer-check'),
    _admin('aliases/transfer/progress/', transfer.ImportProgress, 'transfer-progress'),
    _user('undo/', undo.UndoView, 'undo'),
    _user('my/', my.MyView, 'my'),
    _user('my/start/', StartView, 'my-start'),
    _user('my/addresses/add/', my.MyAliasAdd, 'my-alias-add'),
    _user('my/addresses/random/', my.MyAliasRandom, 'my-alias-random'),
    _user('my/addresses/at/<str:key>/', my.MyAliasPage, 'my-alias'),
    _user('my/addresses/at/<str:key>/remove/', my.MyAliasRemove, 'my-alias-remove'),
    _user('my/addresses/keys/', alias_keys.MyAliasKeys, 'my-alias-keys'),
    _user(
        'my/addresses/keys/<str:key>/remove/', alias_keys.MyAliasKeyRemove, 'my-alias-key-remove'
    ),
    _user('my/forward/<str:key>/', my.MyForward, 'my-forward'),
    _user('my/away/', away.MyAway, 'my-away'),
    _user('my/away/of/<str:key>/', away.MyAway, 'my-away-of'),
    _user('my/away/of/<str:key>/filters/add/', filters.FilterAdd, 'my-filter-add'),
    _user('my/away/of/<str:key>/filters/<int:number>/', filters.FilterPage, 'my-filter'),
    _user('my/away/of/<str:key>/filters/<int:number>/move/', filters.FilterMove, 'my-filter-move'),
    _user(
        'my/away/of/<str:key>/filters/<int:number>/remove/',
        filters.FilterRemove,
        'my-filter-remove',
    ),
    _user('my/away/of/<str:key>/labels/', filters.LabelFolders, 'my-labels'),
    _user('my/shared/<str:key>/leave/', members.MembershipEnd, 'my-shared-leave'),
    _user('my/waiting/', guards.WaitingList, 'my-waiting'),
    _user('my/waiting/<str:key>/<str:message>/', guards.WaitingPage, 'my-waiting-message'),
    _user('my/spam/', my_spam.MySpam, 'my-spam'),
    _user('my/spam/of/<str:key>/', my_spam.MySpam, 'my-spam-of'),
    _user('my/spam/of/<str:key>/forget/', my_spam.MySpamForget, 'my-spam-forget'),
    _user('my/spam/of/<str:key>/export/', spam_memory_file.MySpamExport, 'my-spam-export'),
    _user('my/spam/of/<str:key>/import/', spam_memory_file.MySpamImport, 'my-spam-import'),
    _user('my/spam/of/<str:key>/senders/', spam_lists.MySenderLists, 'my-sender-lists'),
    _user('my/spam/of/<str:key>/senders/<str:which>.txt', spam_lists.MyListText, 'my-list-text'),
    _user('my/spam/of/<str:key>/held/', spam_lists.MyHeldOff, 'my-held-off'),
    _user('my/spam/of/<str:key>/quarantine/', quarantine.MyQuarantine, 'my-quarantine'),
    _user(
        'my/spam/of/<str:key>/quarantine/choose/',
        quarantine.QuarantineSwitch,
        'my-quarantine-choose',
    ),
    _user('my/messages/', my_messages.MyMessages, 'my-messages'),
    _user('my/messages/at/<int:number>/', my_messages.MyMessage, 'my-message'),
    _user('my/messages/reports/', my_reports.MyReports, 'my-reports'),
    _user('my/messages/reports/<str:key>/weekly/', my_reports.WeeklySwitch, 'my-weekly'),
    _user('my/messages/storage/<str:key>/', storage.MyStorage, 'my-storage'),
    _user('my/messages/deleted/<str:key>/', storage.MyDeleted, 'my-deleted'),
    _user('my/devices/', devices.MyDevices, 'my-devices'),
    _user('my/devices/settings/', SettingsSheet, 'my-settings'),
    _user('my/devices/<str:key>/remove/', devices.MyDeviceRemove, 'my-device-remove'),
    _public('sign-in/', sign_in.SignInView, 'sign-in'),
    _public('sign-out/', sign_in.SignOutView, 'sign-out'),
    _public('password/', password.PasswordView, 'password'),
    _public('password/done/', password.PasswordDone, 'password-done'),
    _public('password/link/', password.LinkView, 'password-link'),
    _public('password/new/', password.ResetView, 'password-new'),
    _public('not-me/', not_me.NotMeLink, 'not-me'),
    _public('not-me/confirm/', not_me.NotMeConfirm, 'not-me-confirm'),
    _public('not-me/done/', not_me.NotMeDone, 'not-me-done'),
    _public('profile/', profile.ProfileEntrance, 'profile'),
    _public('profile/ready/', profile.ProfileReady, 'profile-ready'),
    _public('approve/', approval.ApprovalLinkPage, 'approval'),
    _public('approve/confirm/', approval.ApprovalConfirm, 'approval-confirm'),
    _public('approve/done/', approval.ApprovalDone, 'approval-done'),
    _public('quarantine/', quarantine_link.QuarantineLinkPage, 'quarantine-link'),
    _public('quarantine/confirm/', quarantine_link.QuarantineConfirm, 'quarantine-link-confirm'),
    _public('quarantine/done/', quarantine_link.QuarantineDone, 'quarantine-link-done'),
    _public('mta-sts.txt', PolicyView, 'mta-sts'),
    _admin('activity/blocked/', BlockedView, 'blocked'),
    _admin('activity/blocked/unblock/', UnblockView, 'unblock'),
    _admin('activity/setup/', SetupRequestsPage, 'setup-requests'),
    _asked('console/', NoConsole, 'console'),
    _asked('reach/', ReachView, 'reach'),
    _asked('reach/setup/', ReachSetupView, 'reach-setup'),
    _asked('alias-api/', alias_api.OpenApi, 'alias-api'),
    _asked('alias-api/openapi.json', alias_api.OpenApi, 'alias-openapi'),
    _asked('alias-api/api/alias/random/new', alias_api.SimpleLoginApi, 'alias-simplelogin'),
    _asked('alias-api/api/v1/aliases', alias_api.AddyApi, 'alias-addy'),
    _asked('config.xml', AutoconfigView, 'config-xml'),
    _asked('autodiscover.xml', AutodiscoverView, 'autodiscover'),
    _asked('autodiscover.json', AutodiscoverJsonView, 'autodiscover-json'),
    _asked('autodiscover.json/v1.0/<str:address>', AutodiscoverJsonView, 'autodiscover-address'),
]
