# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sentences for what reports say and advise."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..status import State
from .advice import Advice

ADVICE: dict[str, tuple[State, str | Promise]] = {
    'wait-days': (
        State.WORKS,
        _('All is well so far. When the next {days} days are too, the policy can become stricter.'),
    ),
    'wait-more': (
        State.WORKS,
        _('All is well so far, but little is known: {count} reports by {senders} receivers in two '
          'weeks. {needed} by {receivers} are needed to be sure.'),
    ),
    'dmarc-none': (
        State.UNKNOWN,
        _('No reports in the last two weeks. They come when you send mail to large providers, '
          'and only if the record above is published.'),
    ),
    'dmarc-own-fails': (
        State.BROKEN,
        _('{count} messages from this box ({address}) were not recognised as yours. Look at its '
          'DNS records for SPF and DKIM.'),
    ),
    'dmarc-nothing-passes': (
        State.LOOK,
        _('Nothing that was reported is recognised as yours. Look at the DNS records for SPF and '
          'DKIM, unless you sent nothing.'),
    ),
    'dmarc-changed': (
        State.LOOK,
        _('{count} messages of yours were changed on their way, as mailing lists do. With a '
          'stricter policy others might not get them.'),
    ),
    'dmarc-strictest': (
        State.WORKS,
        _('Others are asked to refuse forgeries in your name. Nothing is left to do.'),
    ),
    'dmarc-quarantine': (
        State.WORKS,
        _('For two weeks all of your mail was recognised ({count} reports). Ask others to treat '
          'forgeries as spam.'),
    ),
    'dmarc-reject': (
        State.WORKS,
        _('For two weeks all of your mail was recognised ({count} reports). Ask others to refuse '
          'forgeries.'),
    ),
    'tls-none': (
        State.UNKNOWN,
        _('No reports in the last two weeks. Only large providers send them, and only when they '
          'deliver mail to you.'),
    ),
    'tls-fails': (
        State.LOOK,
        _('{count} times others could not deliver encrypted ({reason}). Look at the certificate '
          'and the DNS records.'),
    ),
    'tls-few': (
        State.WORKS,
        _('All is well so far, but only {count} deliveries were reported; {needed} are needed to '
          'be sure.'),
    ),
    'tls-strictest': (State.WORKS, _('Mail to you comes encrypted or not at all.')),
    'tls-enforce': (
        State.WORKS,
        _('For two weeks all {count} reported deliveries were encrypted. Ask others to deliver '
          'encrypted or not at all.'),
    ),
}  # fmt: skip

STEPS: dict[str, str | Promise] = {
    'quarantine': _('Treat forgeries as spam'),
    'reject': _('Refuse forgeries'),
    'enforce': _('Insist on encryption'),
}
"""What the button that takes a step says."""

POLICIES: dict[str, str | Promise] = {
    'none': _('only report forgeries'),
    'quarantine': _('treat forgeries as spam'),
    'reject': _('refuse forgeries'),
}

MODES: dict[str, str | Promise] = {
    'none': _('deliver as they like'),
    'testing': _('only report what cannot be encrypted'),
    'enforce': _('deliver encrypted or not at all'),
}

REASONS: dict[str, str | Promise] = {
    'starttls-not-supported': _('encryption was not offered'),
    'certificate-host-mismatch': _('the certificate is for another name'),
    'certificate-expired': _('the certificate has run out'),
    'certificate-not-trusted': _('the certificate is not trusted'),
    'validation-failure': _('the connection was not safe'),
    'tlsa-invalid': _('the TLSA record is wrong'),
    'dnssec-invalid': _('the signatures of the zone are wrong (DNSSEC)'),
    'dane-required': _('no TLSA record was found where one is needed'),
    'sts-policy-fetch-error': _('the policy (MTA-STS) could not be fetched'),
    'sts-policy-invalid': _('the policy (MTA-STS) could not be understood'),
    'sts-webpki-invalid': _('the certificate of the policy (MTA-STS) is not trusted'),
    'other-reasons': _('other reasons'),
}
"""Why encrypted delivery failed, by the names of RFC 8460."""


ASIDE: dict[str, str | Promise] = {
    'report-too-big': _('too large'),
    'report-bomb': _('made to grow without end when unpacked'),
    'report-many': _('more things in it than a report has'),
    'report-garbage': _('not understood'),
    'report-none': _('a message without a report'),
    'report-dated': _('about a time that cannot be'),
    'report-other': _('about another domain'),
    'report-unproven': _('not proven to come from whom it says'),
    'report-twice': _('sent a second time'),
    'report-full': _('no room left for this month'),
    'report-greedy': _('of a sender that has used up its room for this month'),
    'report-rows': _('with lines that were not understood; the others count'),
    'report-crashed': _('broke the program that reads it'),
}
"""Why mails to the address for reports do not count; the words follow a number."""


def reason(code: str) -> str:
    """Return in words why encrypted delivery failed."""
    return str(REASONS.get(code, code))


def state(advice: Advice) -> State:
    """Return the state an advice stands for."""
    return ADVICE[advice.code][0]


def sentence(advice: Advice) -> str:
    """Return what an advice says."""
    params = dict(advice.params)
    if 'reason' in params:
        params['reason'] = reason(params['reason'])
    return str(ADVICE[advice.code][1]).format(**params)
