# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sentence for each verdict, and how to enter each kind of record.

Verdicts are kept as codes, so that whoever reads them later does so in his own language.
"""

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .answer import Verdict

SENTENCES: dict[str, str | Promise] = {
    'right': _('It is as it should be.'),
    'missing-needed': _('It is not there. Mail cannot arrive without it.'),
    'missing-advised': _('It is not there. Others may take your mail for spam.'),
    'missing-optional': _('It is not there. Mail works without it.'),
    'duplicated': _('It is there {count} times, and then others ignore all of them. Keep one.'),
    'garbage': _('What is there cannot be understood. Replace it by the value above.'),
    'spreading': _('It is right at your name servers. Others may see the old one for up to '
                   '{minutes} minutes more.'),
    'servers-differ': _('Some of your name servers have it, others do not yet. If that lasts for '
                        'more than a day, ask your DNS provider.'),
    'server-silent': _('No name server answered in time. Check again in a few minutes.'),
    'server-garbage': _('The name server answered with something that is no answer.'),
    'loop': _('The name leads to another one that leads back to it. Delete the aliases (CNAME).'),
    'mx-none': _('The domain is marked as one that takes no mail. Put the value above there.'),
    'mx-elsewhere': _('Mail for the domain goes to {host}, not to this box.'),
    'mx-many': _('This box is among {count} mail servers. Delete those that are not yours.'),
    'mx-not-first': _('Mail goes to {host} first, and to this box only when that one is down.'),
    'mx-more': _('It is as it should be. There are other mail servers for when this box is off.'),
    'address-private': _('{address} works in a home network only. Others cannot reach it.'),
    'address-unproven': _('There is an address. This box cannot see from the inside whether it is '
                          'the one of your internet connection.'),
    'address-other': _('It leads to {address}, which is not this box.'),
    'address-more': _('This box is one of several addresses; mail sent to the others is lost.'),
    'spf-garbage': _('The rules cannot be understood, so others ignore them. Replace them by the '
                     'value above.'),
    'spf-refuses': _('The rules forbid this box to send. Others will refuse your mail.'),
    'spf-doubts': _('The rules do not name this box. Others may take your mail for spam.'),
    'spf-other': _('It is written in another way than proposed, and lets this box send.'),
    'spf-unknown': _('There are rules, but whether they let this box send was not found out.'),
    'dkim-revoked': _('The key is marked as withdrawn. Replace it by the value above.'),
    'dkim-other': _('There is another key than the one this box signs with, so signatures '
                    'count as forged.'),
    'dkim-testing': _('The key is right but marked as a test (t=y). Remove that mark.'),
    'missing-next': _('It is not there yet. The box goes on signing with the present key until it '
                      'has been there for a while.'),
    'missing-old': _('It is not there. Mail signed with it that is still on its way cannot be '
                     'checked.'),
    'key-not-ready': _('There is something else. Replace it by the value above; the box signs '
                       'with another key meanwhile.'),
    'dmarc-no-reports': _('There is a policy, but no address for reports (rua).'),
    'dmarc-stricter': _('It is stricter than proposed, which is fine.'),
    'dmarc-milder': _('It is milder than you chose for this domain.'),
    'dmarc-testing': _('It is marked as a test (t=y), so receivers act less strictly than you '
                       'chose. Remove that mark.'),
    'dmarc-part': _('It is for a part of your mail only (pct), which newer receivers do not heed. '
                    'Remove pct.'),
    'dmarc-reports-elsewhere': _('There is a policy. Its reports do not go to this box, which '
                                 'could read them for you.'),
    'dmarc-inherited': _('The policy of the domain above counts for this one too.'),
    'mta-sts-old': _('It names an earlier policy, so others do not notice that it has changed.'),
    'tlsa-next': _('The present key is there; add this one beside it. The box shows its new '
                   'certificate when others know this key, and at the latest a few days before '
                   'the present one runs out.'),
    'tlsa-more': _('It is as it should be. Keys that are no longer in use can be deleted.'),
    'tlsa-other': _('There is another key than the one this box shows. Careful mail servers '
                    'deliver nothing until this is right.'),
    'tlsa-unsigned': _('It only counts in a signed zone (DNSSEC), and this one is not signed.'),
    'srv-off': _('The service is marked as not offered.'),
    'srv-elsewhere': _('It leads to {host}, not to this box.'),
    'name-elsewhere': _('It leads to another machine.'),
    'caa-forbids': _("Only {issuer} may issue certificates, so this box cannot get one from "
                     "Let's Encrypt."),
    'resolver-silent': _('This box cannot ask any name server. Is it connected to the internet?'),
    'domain-unknown': _('The internet does not know this domain. Is it registered and spelled '
                        'rightly?'),
    'domain-absent': _('There is nothing of this name in {zone} yet. If {zone} is yours, enter the '
                       'records below. Else: is the domain registered and spelled rightly?'),
    'servers-silent': _('The name servers of the domain do not answer. Ask your DNS provider.'),
    'servers-garbage': _('What the name servers of the domain answer cannot be understood. Ask '
                         'your DNS provider.'),
    'servers-refuse': _('The name servers of the domain say that they do not know it. Where the '
                        'domain was bought, other servers must be named, or the domain be added to '
                        'these.'),
    'server-down': _('One of the name servers does not answer. The others do for now.'),
    'domain-answers': _('The name servers of {zone} answer.'),
    'dnssec-broken': _('The zone has signatures that are wrong, so careful servers treat it as '
                       'not there. Ask your DNS provider to repair or remove them.'),
    'dnssec-signed': _('The zone is signed, and the signatures are right.'),
    'dnssec-unsigned': _('The zone is not signed. That is common; signing would let others check '
                         'all these records.'),
    'no-address': _('This box has no public address that could be looked up.'),
    'reverse-missing': _('{address} has no name. Give it the name {host}.'),
    'reverse-unconfirmed': _('{address} has a name that does not lead back to it. Change it to '
                             '{host}.'),
    'reverse-other': _('{address} has a name that leads back to it, but mail is sent as {host}. '
                       'Most accept that; {host} would be better.'),
    'port-25-open': _('Other mail servers can be reached.'),
    'port-25-shut': _('No other mail server can be reached. Ask your internet provider to open '
                      'port 25, or send through another mail server.'),
    'port-25-unknown': _('No mail server could be found to try it with.'),
    'lists-unknown': _('The lists did not answer in time.'),
    'lists-clean': _('On none of the lists.'),
    'lists-partly': _('Not listed where an answer came; no answer from {lists}.'),
    'listed': _('Listed by {lists}. Their pages say why, and how to get off.'),
    'listed-home': _('Listed as the address of a home connection by {lists}, which is usual for '
                     'one. Many mail servers refuse mail sent directly from such an address. Send '
                     'it through a relay: a mail server at a provider that passes it on.'),
    'lists-odd': _('{lists} gave an answer this box does not know. Their pages say what it means.'),
    'certificate-missing': _('There is no certificate yet.'),
    'certificate-own': _('The certificate is one this box made itself. Others do not trust it.'),
    'certificate-expired': _('The certificate has run out.'),
    'certificate-other': _('The certificate is not for {host}.'),
    'certificate-ends': _('The certificate runs out on {date} and was not renewed yet.'),
    'policy-no-name': _('{name} does not lead anywhere yet.'),
    'policy-missing': _('There is no policy at {name}. Add {name} to the names of this box.'),
    'policy-untrusted': _('{name} shows a certificate others do not trust. Add {name} to the '
                          'names of this box and get a certificate for it.'),
    'policy-unreachable': _('{name} could not be reached from here.'),
    'policy-other': _('The policy at {name} is not the one of this box.'),
    'setup-right': _('Mail programs get the settings of this box from {name}.'),
    'setup-http': _('Mail programs get the settings of this box from {name}, over plain HTTP. A '
                    'certificate for {name} is not needed for that.'),
    'setup-other': _('At {name}, mail programs are told to use {host}, not this box.'),
    'setup-missing': _('{name} answers, but not with settings.'),
    'setup-untrusted': _('{name} shows a certificate that is not valid for it, so mail programs '
                         'refuse its answer. Get one for it in FreedomBox.'),
    'setup-warns': _('{name} shows a certificate that is not valid for it, and Outlook warns about '
                     'that. Delete the record of {name}, or add {name} to the names of this box '
                     'and get a certificate for it.'),
    'setup-unreachable': _('{name} could not be reached from here.'),
    'setup-absent': _('{name} has no address.'),
    'setup-unknown': _('Whether mail programs find their settings could not be checked from here.'),
    'setup-none': _('Mail programs find no settings, so people have to enter them.'),
    'validation-on': _('This box checks them.'),
    'validation-off': _('This box does not check them, as most do. They can be switched on under '
                        'System, Name Services: DNSSEC.'),
    'validation-unknown': _('The resolver of this box does not say whether it checks them.'),
    'clock-right': _('The clock is right.'),
    'clock-wrong': _('The clock is wrong by {seconds} seconds.'),
    'clock-unknown': _('No time server answered.'),
}  # fmt: skip

ENTERING: dict[str, str | Promise] = {
    'MX': _('Some providers ask for the number in front (priority) in a field of its own.'),
    'A': _('An IPv4 address: four numbers with dots.'),
    'AAAA': _('An IPv6 address, with colons.'),
    'TXT': _('One line of text. Where a provider wants quotation marks, or takes no more than 255 '
             'characters at a time, enter it as it stands in the zone file below.'),
    'CNAME': _('An alias. There must be no other record with this name.'),
    'SRV': _('Priority, weight, port and target; some providers have a field for each.'),
    'TLSA': _('Usage, selector, matching type and the data; some providers have a field for each.'),
    'CAA': _('Flags, tag and value; some providers have a field for each.'),
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
"""Verdicts on what is not there, and mail works all the same."""


def sentence(verdict: Verdict) -> str:
    """Return what a verdict says."""
    return str(SENTENCES[verdict.code]).format(**verdict.params)


def speak_english() -> None:
    """Let sentences be in English where Django does not run, as in the command."""
    if not settings.configured:
        settings.configure(USE_I18N=False)


_SHORT: dict[str, str | Promise] = {
    'domain': _('name servers'),
    'reverse': _('reverse name (PTR)'),
    'port-25': _('port 25'),
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


def short_name(role: str) -> str:
    """Return the name of a record or check in a list of several: MX, SPF, port 25."""
    kind = next((each for each in _KINDS if role == each or role.startswith(f'{each}-')), '')
    return str(_SHORT.get(role) or kind.upper() or role)
