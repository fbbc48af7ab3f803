# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences about rules of the spam filter, for those that often decide."""

import re

from .mark import gettext_noop as _

_SENTENCES: tuple[tuple[str, str], ...] = (
    ('BAYES_SPAM', _('It resembles messages that were marked as spam.')),
    ('BAYES_HAM', _('It resembles messages that were kept.')),
    ('FREEDOMBOX_ALLOWED', _('Its sender is on a list of allowed senders.')),
    ('R_SPF_(FAIL|SOFTFAIL|PERMFAIL)|VIOLATED_DIRECT_SPF',
     _('The sender domain does not allow its server to send (SPF).')),
    ('R_DKIM_(REJECT|PERMFAIL)', _('Its signature (DKIM) is not valid.')),
    ('DMARC_POLICY_(REJECT|QUARANTINE|SOFTFAIL)',
     _('The sender domain asks not to accept it (DMARC).')),
    ('(R_)?(SPF|DKIM|DMARC)_(POLICY_)?ALLOW(_.*)?', _('The sender domain is verified.')),
    ('ARC_(REJECT|INVALID)', _('The seal of its forwarder (ARC) is not valid.')),
    ('FUZZY_(DENIED|PROB|UNKNOWN)|.*_FUZZY.*', _('The same message is known as spam elsewhere.')),
    ('(RBL|RECEIVED|DWL|SEM|SPAMHAUS|MSBL)_.*', _('A server it came from is on a block list.')),
    ('.*(URIBL|SURBL|_DBL|DBL_|_URL).*', _('A link in it is on a block list.')),
    ('(PH_SURBL|PHISHED|PHISHING|HACKED|OPENPHISH).*', _('A link in it leads to a faked page.')),
    ('(CLAM|VIRUS|.*_VIRUS).*', _('A dangerous attachment was found.')),
    ('MIME_(BAD|DOUBLE|ARCHIVE|EXE|ENCRYPTED).*|.*_EXTENSION', _('An attachment looks dangerous.')),
    ('HFILTER_.*|RDNS_(NONE|DNSFAIL)|ONCE_RECEIVED.*|AUTH_NA.*',
     _('The server it came from has no proper name or records.')),
    ('FORGED_.*|SPOOF_.*|FROM_NEQ_.*|REPLYTO_.*|DISPLAY_NAME.*',
     _('Its sender address looks false.')),
    ('MISSING_.*|INVALID_.*|BROKEN_.*|R_(MISSING|NO).*|MULTIPLE_.*|EMPTY_SUBJECT|.*_DATE',
     _('A line of its header is missing or wrong.')),
    ('GREYLIST', _('Its sender is not known yet.')),
    ('(KNOWN_SENDER|REPLY|.*_WHITELIST|WHITELIST_.*|RCVD_IN_DNSWL.*)', _('Its sender is known.')),
    ('RATELIMIT.*', _('Its sender sends too much.')),
    ('SUBJ_.*|SUBJECT_.*', _('Its subject is typical of spam.')),
    ('HTML_.*|R_(SUSPICIOUS|EMPTY|WHITE|PARTS).*|MANY_INVISIBLE.*|ZERO_FONT|.*_IMAGE.*',
     _('Its form is typical of spam.')),
    ('MIME_GOOD', _('Its structure is usual.')),
    ('GTUBE', _('It is a test of the spam filter.')),
)  # fmt: skip
_COMPILED = tuple((re.compile(rule), sentence) for rule, sentence in _SENTENCES)


def sentence_for(rule: str) -> str:
    """The sentence for a rule; '' where there is none."""
    return next((said for pattern, said in _COMPILED if pattern.fullmatch(rule)), '')
