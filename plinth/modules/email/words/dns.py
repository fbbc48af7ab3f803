# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sentence for each verdict, and how to enter each kind of record.

Verdicts are kept as codes, so that each reader sees them in their own language.
"""

from datetime import datetime

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from .mark import gettext_noop as _
from .text import Coded, Sentence

SENTENCES: dict[str, str] = {
    'right': _('Correct.'),
    'missing-needed': _("Missing. Without it you can't receive mail."),
    'missing-advised': _('Missing. Your mail may be treated as spam.'),
    'missing-optional': _('Missing (optional).'),
    'duplicated': _('Found more than once; other servers then ignore all of them. Keep one.'),
    'garbage': _('Invalid value. Replace it with the one above.'),
    'spreading': _('Correct on your name servers. Other servers may see the old value for up to '
                   '{minutes} min.'),
    'servers-differ': _("Some of your name servers don't have it yet. If this lasts longer than a "
                        'day, ask your DNS provider.'),
    'server-silent': _('No name server answered in time. Check again in a few minutes.'),
    'server-garbage': _('The name server sent an invalid reply.'),
    'loop': _('The aliases (CNAME) of this name form a loop. Delete them.'),
    'mx-none': _('The MX record says that the domain receives no mail. Replace it with the value '
                 'above.'),
    'mx-elsewhere': _('The MX record points to {host} instead of {box_name}.'),
    'mx-many': _("The domain has many mail servers ({count}). Remove the ones that aren't yours."),
    'mx-not-first': _('Mail goes to {host} first. {box_name} is only used when that server is '
                      'down.'),
    'mx-shared': _('Some of your mail goes to {host}. Remove that server, or give it a higher '
                   'number than {box_name}.'),
    'mx-none-too': _('One of the MX records says that the domain receives no mail. Delete it.'),
    'mx-alias': _('The name {host} in the MX record is an alias (CNAME), which some servers '
                  'reject. Use the value above.'),
    'mx-more': _('Correct. Other mail servers are listed for when {box_name} is off.'),
    'address-private': _("{address} is a private address; the internet can't reach it."),
    'address-unproven': _("There is an address, but {box_name} can't tell whether it is the one "
                          'of your internet connection.'),
    'address-other': _('The name points to {address}, which is not {box_name}.'),
    'address-more': _('The name also has the address {address}, which is not {box_name}. Mail sent '
                      'there is delayed or lost. Delete that address.'),
    'spf-garbage': _('The SPF rules are invalid, so other servers ignore them. Replace them with '
                     'the value above.'),
    'spf-refuses': _('The SPF rules forbid {box_name} to send. Other servers will reject your '
                     'mail.'),
    'spf-doubts': _("The SPF rules don't include {box_name}. Your mail may be treated as spam."),
    'spf-other': _('Different from the suggestion, but valid: {box_name} may send.'),
    'spf-relay': _("The SPF rules don't contain {rule}, so mail sent by your relay may be treated "
                   'as spam.'),
    'spf-relay-unknown': _('The SPF rules do not contain {rule} themselves. Rules they lead to may '
                           'allow your relay.'),
    'spf-relays': _('Different from the suggestion, but valid: your relays may send.'),
    'spf-limit': _('Checking the SPF rules takes more DNS lookups than other servers make, so they '
                   'treat the rules as invalid. Remove rules, or use the value above.'),
    'spf-open': _('The SPF rules allow every server on the internet to send mail for your domain. '
                  'Replace them with the value above.'),
    'spf-unknown': _('Could not determine whether these rules allow {box_name} to send.'),
    'dkim-revoked': _('The published key is revoked (empty p=). Replace it with the value above.'),
    'dkim-other': _('The published key is not the one {box_name} signs with, so its signatures '
                    'are rejected.'),
    'dkim-hash': _("The key doesn't allow the hash SHA-256 (h=), so signatures are rejected. "
                   'Replace the record with the value above.'),
    'dkim-service': _('The key is not allowed for email (s=), so signatures are rejected. Replace '
                      'the record with the value above.'),
    'dkim-testing': _('The key is correct, but marked as a test (t=y). Remove that mark.'),
    'missing-next': _('Not published yet. {box_name} keeps signing with the current key until '
                      'this one has been visible for a while.'),
    'missing-old': _("Missing. Messages signed with this key that are still on their way can't "
                     'be verified.'),
    'key-not-ready': _('There is a different value. Replace it with the one above. Until then, '
                       '{box_name} signs with another key.'),
    'dmarc-no-reports': _('There is a policy, but no address for reports (rua).'),
    'dmarc-as-none': _("The record has a policy that other servers don't know. They treat it as "
                       '“none” and only send reports.'),
    'dmarc-stricter': _('Stricter than suggested, which is fine.'),
    'dmarc-milder': _('Weaker than your setting.'),
    'dmarc-testing': _('The record is marked as a test (t=y), so other servers apply the policy '
                       'less strictly. Remove that mark.'),
    'dmarc-part': _('The policy applies to only a part of your mail (pct), and newer servers '
                    'ignore that tag. Remove pct.'),
    'dmarc-reports-elsewhere': _('There is a policy, but its reports are not sent to {box_name}, '
                                 'which could analyze them for you.'),
    'dmarc-inherited': _('The policy of the parent domain also applies to this domain.'),
    'mta-sts-old': _("The record has the id of an earlier policy, so other servers don't notice "
                     'the change.'),
    'tlsa-next': _('The current key is published; add this one beside it. {box_name} changes to '
                   'the new certificate when this key is visible everywhere, and at the latest a '
                   'few days before the current one expires.'),
    'tlsa-more': _('Correct. You can delete the keys that are no longer used.'),
    'tlsa-other': _("The published key doesn't match the certificate. Servers that check DANE "
                    'will not deliver until this is fixed.'),
    'tlsa-unusable': _('Mail servers ignore these values. Replace them with the one above.'),
    'tlsa-unknown': _("The published key doesn't match the certificate. Could not determine "
                      'whether the zone is signed, and so whether other servers check the key.'),
    'tlsa-unsigned': _('Only effective in a signed zone (DNSSEC), and this zone is not signed.'),
    'srv-off': _('The service is marked as not available.'),
    'srv-elsewhere': _('The record points to {host} instead of {box_name}.'),
    'srv-port': _('The record points to port {port} on {host}, where {box_name} offers no such '
                  'service.'),
    'name-elsewhere': _('The name points to another server.'),
    'caa-forbids': _("Only {issuer} may issue certificates, so {box_name} can't get one from "
                     "Let's Encrypt."),
    'caa-nobody': _("The CAA records allow no one to issue certificates, so {box_name} can't get "
                    'one.'),
    'caa-method': _("The CAA record doesn't allow the method {box_name} uses to get a certificate "
                    '(validationmethods). Allow http-01.'),
    'caa-critical': _('A CAA record marked as critical (128) has a property that certificate '
                      "authorities don't know, so none of them issues a certificate. Delete it."),
    'caa-account': _("Certificates are limited to one account with Let's Encrypt (accounturi). "
                     'Could not determine whether it is the account of {box_name}.'),
    'resolver-silent': _("{box_name} can't reach any name server. Check its internet connection."),
    'domain-unknown': _("This domain doesn't exist on the internet. Is it registered and spelled "
                        'correctly?'),
    'domain-absent': _('{zone} has no such name yet. If you own {zone}, create the records below. '
                       'Otherwise check the spelling.'),
    'servers-silent': _("The name servers of the domain don't answer. Ask your DNS provider."),
    'servers-garbage': _('The name servers of the domain send invalid replies. Ask your DNS '
                         'provider.'),
    'servers-refuse': _("The name servers of the domain don't know it. Change the name servers at "
                        'your registrar, or add the domain to these servers.'),
    'servers-absent': _('A name server of the domain has no address: {host}. Remove it, or ask '
                        'your DNS provider.'),
    'server-down': _("One of the name servers doesn't answer. The others still do."),
    'domain-answers': _('The name servers of {zone} answer.'),
    'dnssec-broken': _("The signatures of the zone are invalid, so servers that check them can't "
                       'see the domain. Ask your DNS provider to repair or remove them.'),
    'dnssec-signed': _('The zone is signed, and the signatures are valid.'),
    'dnssec-unsigned': _('The zone is not signed. That is common; signing would let other servers '
                         'verify all these records.'),
    'no-address': _('The public address of {box_name} is not known, so it could not be checked.'),
    'reverse-missing': _('{address} has no host name. Set it to {host}.'),
    'reverse-unconfirmed': _("The host name of {address} doesn't point back to it. Change it to "
                             '{host}.'),
    'reverse-other': _('The host name of {address} is valid, but mail is sent as {host}. Most '
                       'servers accept that; {host} would be better.'),
    'port-25-open': _('Other mail servers can be reached.'),
    'port-25-shut': _('No other mail server can be reached. Send by a relay, or through a '
                      'WireGuard tunnel to a server that may send: see Delivery. Some providers '
                      'open port 25 on request.'),
    'port-25-partly': _('Mail servers can only be reached over IPv6, and many have no IPv6. Send '
                        'by a relay, or ask your internet provider to open port 25 for IPv4.'),
    'port-25-spared': _('Other mail servers cannot be reached directly, so all mail of this domain '
                        'leaves by a relay.'),
    'port-25-unneeded': _('Not needed: all mail of this domain leaves by a relay.'),
    'port-25-unknown': _('No mail server was found to test the connection with.'),
    'reach-untested': _('Not tested from outside. Another FreedomBox with this app can test it.'),
    'reach-at-host': _('Mail for this domain arrives at {host}. The test is made there.'),
    'reach-open': _('Another FreedomBox reached {box_name} at {address}.'),
    'reach-shut': _('Another FreedomBox could not connect to {address}. On your router, forward '
                    'port 25 to {box_name}. If that is done, ask your internet provider whether it '
                    'blocks the port.'),
    'reach-partly': _('Another FreedomBox reached {box_name} at {open}, but could not connect to '
                      '{address}. Open port 25 for both addresses on your router.'),
    'reach-other': _('Another mail server answers at {address}. On your router, forward port 25 to '
                     '{box_name}.'),
    'reach-silent': _('Port 25 is open at {address}, but no mail server answered in time.'),
    'reach-elsewhere': _('Could not be tested: the connection came from {address}, which is not an '
                         'address of {host}.'),
    'reach-not-outside': _('The other FreedomBox is in the same network, so it sees nothing from '
                           'outside.'),
    'reach-blind': _('The other FreedomBox could not connect. It has not reached any mail server '
                     'lately, so the problem may be on its side.'),
    'reach-unanswered': _("The other FreedomBox didn't answer."),
    'reach-untrusted': _('The certificate of the other FreedomBox is not trusted.'),
    'reach-declined': _("The other FreedomBox doesn't test others, or was asked too often. Its "
                        'administrator can allow tests.'),
    'reach-garbage': _('The other FreedomBox sent an invalid reply.'),
    'ports-open': _('Another FreedomBox reached all of them at {address}.'),
    'ports-shut': _('Another FreedomBox could not connect to these ports of {address}: {ports}. On '
                    'your router, forward them to {box_name}.'),
    'lists-unknown': _('The block lists did not answer in time.'),
    'lists-clean': _('Not on any block list.'),
    'lists-partly': _('Not listed by those that answered. No answer from {lists}.'),
    'listed': _('Listed by {lists}. The pages of the lists explain why and how to be removed.'),
    'listed-home': _('Listed as a residential address by {lists}. Many servers reject mail from '
                     'such addresses. Send through a relay server, or ask your internet provider '
                     'for a fixed address.'),
    'lists-odd': _("{box_name} doesn't know what the answer of {lists} means. The pages of the "
                   'lists explain it.'),
    'certificate-missing': _('There is no certificate yet.'),
    'certificate-own': _("The certificate is self-signed. Other servers and mail apps don't trust "
                         'it.'),
    'certificate-expired': _('The certificate has expired.'),
    'certificate-other': _('The certificate is not valid for {host}.'),
    'certificate-ends': _('The certificate expires on {date} and has not been renewed yet.'),
    'policy-no-name': _('{name} has no address yet.'),
    'policy-missing': _('There is no policy at {name}. Add {name} as a domain of {box_name}.'),
    'policy-untrusted': _('The certificate of {name} is not trusted. Add {name} as a domain of '
                          '{box_name} and get a certificate for it.'),
    'policy-unreachable': _('{box_name} could not reach {name}.'),
    'policy-other': _('The policy at {name} differs from the one of {box_name}.'),
    'setup-right': _('Mail apps get their settings from {name}.'),
    'setup-http': _('Mail apps get their settings from {name} over unencrypted HTTP. That needs no '
                    'certificate for {name}.'),
    'setup-other': _('{name} tells mail apps to use {host} instead of {box_name}.'),
    'setup-missing': _('{name} answers, but without settings for mail apps.'),
    'setup-untrusted': _('The certificate of {name} is not valid for it, so mail apps reject its '
                         "settings. Get a certificate for {name} under System > Let's Encrypt."),
    'setup-warns': _('The certificate of {name} is not valid for it, so Outlook shows a warning. '
                     'Delete the record of {name}, or add {name} as a domain of {box_name} and get '
                     'a certificate for it.'),
    'setup-bare': _('{name} has settings only for requests that contain an address, and some mail '
                    'apps leave it out.'),
    'setup-no-json': _('{name} has settings, but does not tell newer versions of Outlook where '
                       '(autodiscover.json).'),
    'setup-shut': _('Another FreedomBox could not reach {name}, and mail apps elsewhere will not '
                    'either. On your router, forward ports 80 and 443 to {box_name}.'),
    'setup-unreachable': _('{box_name} could not reach {name}.'),
    'setup-absent': _('{name} has no address.'),
    'setup-unknown': _('Could not determine whether mail apps find their settings.'),
    'setup-none': _("Mail apps don't find their settings, so users have to enter them."),
    'validation-on': _('{box_name} checks DNSSEC signatures.'),
    'validation-off': _("{box_name} doesn't check DNSSEC signatures. You can turn this on under "
                        'System > Name Services.'),
    'validation-unknown': _('Could not determine whether {box_name} checks DNSSEC signatures.'),
    'clock-right': _('The clock is correct.'),
    'clock-wrong': _('The clock is wrong by {seconds} s.'),
    'clock-unknown': _('No time server answered.'),
}  # fmt: skip

ENTERING: dict[str, str | Promise] = {
    'MX': gettext_lazy('Some providers have a separate field for the number in front (priority).'),
    'A': gettext_lazy('An IPv4 address: four numbers with dots.'),
    'AAAA': gettext_lazy('An IPv6 address, with colons.'),
    'TXT': gettext_lazy('Enter it as one line. If your provider requires quotes or limits values '
                        'to 255 characters, use the zone file version below.'),
    'CNAME': gettext_lazy('An alias. No other record may have this name.'),
    'SRV': gettext_lazy('Priority, weight, port and target; some providers have a field for each.'),
    'TLSA': gettext_lazy('Usage, selector, matching type and the data; some providers have a field '
                         'for each.'),
    'CAA': gettext_lazy('Flags, tag and value; some providers have a field for each.'),
}  # fmt: skip

ABSENT = frozenset(
    {
        'missing-optional',
        'setup-none',
        'tlsa-unsigned',
        'policy-no-name',
        'dnssec-unsigned',
        'validation-off',
    }
)
"""Verdicts on records and services that are missing without harm to mail."""


def said(verdict: Coded) -> Sentence:
    """The sentence of a verdict, for a reader whose language is not known yet."""
    params = dict(verdict.params)
    if 'date' in params:
        params['date'] = datetime.fromisoformat(params['date'])
    return Sentence(SENTENCES[verdict.code], params)


def sentence(verdict: Coded) -> str:
    """The sentence of a verdict."""
    return str(said(verdict))


def speak_english() -> None:
    """Let sentences be in English where Django does not run, as in the command."""
    if not settings.configured:
        settings.configure(USE_I18N=False)


_SHORT = {
    'domain': _('name servers'),
    'reverse': _('reverse DNS (PTR)'),
    'port-25': _('port 25'),
    'reach': _('incoming port 25'),
    'ports': _('ports of mail apps'),
    'lists': _('block lists'),
    'clock': _('clock'),
    'policy': 'MTA-STS',
    'validation': 'DNSSEC',
    'thunderbird': 'autoconfig',
    'outlook': 'autodiscover',
    'address-a': _('address (A)'),
    'address-aaaa': _('address (AAAA)'),
}
_KINDS = ('mx', 'spf', 'dkim', 'dmarc', 'mta-sts', 'tls-rpt', 'tlsa', 'caa', 'srv', 'dnssec')


def short_name(role: str) -> Sentence:
    """The name of a record or check in a list of several: MX, SPF, port 25."""
    kind = next((each for each in _KINDS if role == each or role.startswith(f'{each}-')), '')
    return Sentence(_SHORT.get(role) or kind.upper() or role)
