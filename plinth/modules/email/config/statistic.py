# SPDX-License-Identifier: AGPL-3.0-or-later
"""The statistics of Rspamd: one memory that all mailboxes share, and one of each mailbox.

Of each message the memory of the mailbox it goes to is asked, or the shared one, see
/usr/share/freedombox-email/rspamd/memory.lua. Whose it is, is never taken from the message. The two
need names, symbols and lists of learned messages of their own. An administrator's
classifier-bayes.conf goes on counting for the shared one.
"""

from .ucl import Settings, render

OWN = 'own'
"""The name of the classifier for the memories of mailboxes."""
OWN_SPAM, OWN_HAM = 'FREEDOMBOX_OWN_SPAM', 'FREEDOMBOX_OWN_HAM'
EXPIRY = 100 * 24 * 3600
"""Seconds after which a pair of words is forgotten that was seen less often than others."""
_COMMON: Settings = {
    'tokenizer': {'name': 'osb'},
    'new_schema': True,
    'store_tokens': False,
    'signatures': False,
    'min_tokens': 11,
    'cache': {},
    'backend': 'redis',
    'expiry': EXPIRY,
}
CONTROLLER = '/run/rspamd/controller.sock'
"""The socket of the part of Rspamd that learns, and that looks at messages a second time."""
SECOND_LOOK = 'freedombox_second'
"""The settings id of the second look at a message for several mailboxes, see second.lua."""
LEAST_SHARED = 200
"""Rspamd's own bound: so many messages of each kind are learned before any is judged by them."""
LEAST_OWN = 5
_ADMINS_OWN = """\
  .include(try=true; priority=1) "$LOCAL_CONFDIR/local.d/classifier-bayes.conf"
  .include(try=true; priority=10) "$LOCAL_CONFDIR/override.d/classifier-bayes.conf"
"""


def scores() -> Settings:
    """The weights of a memory of one's own: those of the shared one, with more for wanted mail."""
    return {
        OWN_SPAM: {'weight': 5.1, 'description': 'Like the junk of this mailbox'},
        OWN_HAM: {'weight': -4.0, 'description': 'Like the other mail of this mailbox'},
    }


def _lua(name: str) -> str:
    """A function of our rules, which are loaded later, into a global variable."""
    return f'return function(...) return freedombox_memory.{name}(...) end'


def _classifier(settings: Settings, ham: str, spam: str, more: str = '') -> str:
    """One classifier; Rspamd crashes where its two files are written as a list."""
    parts = {**_COMMON, **settings}
    inner = ''.join(render(name, value, '  ') for name, value in parts.items())
    for symbol, is_spam in ((ham, False), (spam, True)):
        inner += render('statfile', {'symbol': symbol, 'spam': is_spam}, '  ')
    return f'classifier "bayes" {{\n{inner}{more}}}\n'


def second_look() -> Settings:
    """The symbols of a second look: whose mailbox it is, its memory, and the first score."""
    symbols = (
        'FREEDOMBOX_FORWARDS', 'FREEDOMBOX_MEMORY', 'FREEDOMBOX_FIRST', OWN_SPAM, OWN_HAM,
        'BAYES_SPAM', 'BAYES_HAM',
    )  # fmt: skip
    return {SECOND_LOOK: {'id': SECOND_LOOK, 'apply': {'symbols_enabled': symbols}}}


def statistic_text() -> str:
    """Both classifiers; in this form they take the place of Debian's one."""
    shared: Settings = {
        'name': 'shared',
        'min_learns': LEAST_SHARED,
        'learn_condition': 'return require("lua_bayes_learn").can_learn',
        'autolearn': _lua('autolearn'),
    }
    own: Settings = {
        'name': OWN,
        'min_learns': LEAST_OWN,
        'cache_prefix': 'learned_own',
        'per_user': _lua('name_of'),
        'learn_condition': _lua('may_learn'),
    }
    return _classifier(shared, 'BAYES_HAM', 'BAYES_SPAM', _ADMINS_OWN) + _classifier(
        own, OWN_HAM, OWN_SPAM
    )
