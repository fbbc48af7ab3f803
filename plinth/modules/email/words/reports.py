# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sentences for the advice that reports lead to."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from freedombox import cfg

from .text import Coded

ADVICE: dict[str, str | Promise] = {
    'wait-days': ngettext_lazy(
        'No problems so far. The policy can become stricter after {days} more day without '
        'problems.',
        'No problems so far. The policy can become stricter after {days} more days without '
        'problems.',
        'days',
    ),
    'wait-more': ngettext_lazy(
        'No problems so far, but only {count} report in two weeks (senders: {senders}). '
        'Needed: {needed} reports by {receivers} senders.',
        'No problems so far, but only {count} reports in two weeks (senders: {senders}). '
        'Needed: {needed} reports by {receivers} senders.',
        'count',
    ),
    'dmarc-none': _(
        'No reports in the last two weeks. Large providers send them if you send them mail and '
        'the DMARC record is published.'
    ),
    'dmarc-own-fails': ngettext_lazy(
        '{count} message from {address}, your own server, failed. Check its SPF and DKIM records.',
        '{count} messages from {address}, your own server, failed. Check its SPF and DKIM records.',
        'count',
    ),
    'dmarc-nothing-passes': _(
        'None of the reported messages passed. If you have sent mail, check the SPF and DKIM '
        'records.'
    ),
    'dmarc-changed': ngettext_lazy(
        '{count} of your messages was altered on its way, for example by a mailing list. It '
        'could be rejected with a stricter policy.',
        '{count} of your messages were altered on their way, for example by mailing lists. '
        'They could be rejected with a stricter policy.',
        'count',
    ),
    'dmarc-strictest': _(
        'Other mail servers are asked to reject spoofed mail. This is the strictest policy.'
    ),
    'dmarc-quarantine': ngettext_lazy(
        'All your mail has passed for two weeks ({count} report). You can ask other servers '
        'to treat spoofed mail as spam.',
        'All your mail has passed for two weeks ({count} reports). You can ask other servers '
        'to treat spoofed mail as spam.',
        'count',
    ),
    'dmarc-reject': ngettext_lazy(
        'All your mail has passed for two weeks ({count} report). You can ask other servers '
        'to reject spoofed mail.',
        'All your mail has passed for two weeks ({count} reports). You can ask other servers '
        'to reject spoofed mail.',
        'count',
    ),
    'tls-none': _(
        'No reports in the last two weeks. Only large providers send them, after they deliver '
        'mail to you.'
    ),
    'tls-fails': ngettext_lazy(
        '{count} encrypted delivery failed ({reason}). Check the certificate and the DNS records.',
        '{count} encrypted deliveries failed ({reason}). Check the certificate and the DNS '
        'records.',
        'count',
    ),
    'tls-few': ngettext_lazy(
        'No problems so far, but only {count} delivery was reported. Needed: {needed}.',
        'No problems so far, but only {count} deliveries were reported. Needed: {needed}.',
        'count',
    ),
    'tls-strictest': _('Other mail servers must deliver encrypted.'),
    'tls-enforce': ngettext_lazy(
        'All reported deliveries in two weeks were encrypted ({count}). You can require '
        'encryption now.',
        'All reported deliveries in two weeks were encrypted ({count}). You can require '
        'encryption now.',
        'count',
    ),
}

STEPS: dict[str, str | Promise] = {
    'quarantine': _('Treat spoofed mail as spam'),
    'reject': _('Reject spoofed mail'),
    'enforce': _('Require encryption'),
}
"""The label of the button that takes a step."""

SENDERS: dict[str, str | Promise] = {
    'own': _(cfg.box_name),
    'trusted': _('passed'),
    'changed': _('forwarded or altered (mailing list)'),
    'stranger': _('unknown sender'),
    'others': _('sum of other addresses in large reports'),
}
"""The kind of sender behind an address."""

POLICIES: dict[str, str | Promise] = {
    'none': _('Report only (none)'),
    'quarantine': _('Treat as spam (quarantine)'),
    'reject': _('Reject (reject)'),
}

MODES: dict[str, str | Promise] = {
    'none': _('No policy (none)'),
    'testing': _('Report failed encryption (testing)'),
    'enforce': _('Require encryption (enforce)'),
}

REASONS: dict[str, str | Promise] = {
    'starttls-not-supported': _('encryption was not offered'),
    'certificate-host-mismatch': _('the certificate is for another name'),
    'certificate-expired': _('the certificate has expired'),
    'certificate-not-trusted': _('the certificate is not trusted'),
    'validation-failure': _('the connection was not secure'),
    'tlsa-invalid': _('the TLSA record is invalid'),
    'dnssec-invalid': _('the zone signatures are invalid (DNSSEC)'),
    'dane-required': _('a required TLSA record is missing'),
    'sts-policy-fetch-error': _('the policy could not be fetched (MTA-STS)'),
    'sts-policy-invalid': _('the policy is invalid (MTA-STS)'),
    'sts-webpki-invalid': _('the certificate of the policy host is not trusted (MTA-STS)'),
    'other-reasons': _('other reasons'),
}
"""Why encrypted delivery failed, by the names of RFC 8460."""


ASIDE: dict[str, str | Promise] = {
    'report-too-big': _('too large'),
    'report-bomb': _('malformed archive'),
    'report-many': _('too many parts'),
    'report-garbage': _('invalid format'),
    'report-none': _('no report in the message'),
    'report-dated': _('invalid date'),
    'report-other': _('about another domain'),
    'report-unproven': _('unverified sender'),
    'report-twice': _('duplicate'),
    'report-full': _('monthly limit reached'),
    'report-greedy': _('monthly limit of this sender reached'),
    'report-rows': _('some invalid lines (the others count)'),
    'report-crashed': _('could not be processed'),
}
"""Why messages to the address for reports are ignored, as items of a list with numbers."""


def sender(kind: str) -> str:
    """The kind of sender behind an address in words."""
    return str(SENDERS[kind])


def reason(code: str) -> str:
    """The reason of a failed encrypted delivery in words."""
    return str(REASONS.get(code, code))


def sentence(advice: Coded) -> str:
    """The sentence of an advice."""
    params = dict(advice.params)
    if 'reason' in params:
        params['reason'] = reason(params['reason'])
    text: Any = ADVICE[advice.code]
    # The numbers choose between singular and plural; what they are put into has no % in it.
    counted = text % {name: int(value) for name, value in params.items() if value.isdecimal()}
    return str(counted).format(**params)
