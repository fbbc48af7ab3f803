# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tests of the editor: what is ours is set, and every other byte stays."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ...config.state import DovecotConf, DovecotSetting, MainCf, MasterCf, MasterService
from ...errors import MailError
from ..editor import ADDED, WRITTEN, drift, edit
from ..tokens import Edit

MAIN = """\
# Who we are.
myhostname = box.example.test
mynetworks = 127.0.0.0/8
# the lab
\t198.51.100.0/24

    # and this
  [::1]/128
biff=no
"""

MASTER = """\
smtp      inet  n       -       y       -       -       smtpd
#smtpd     pass  -       -       y       -       -       smtpd
relay     unix  -       -       y       -       -       smtp
        -o syslog_name=${multi_instance_name?{$multi_instance_name}:{postfix}}/$service_name
# a note
   -o { smtp_helo_name = a, b }  -v
local     unix  -       n       n       -       -       local
"""

DOVECOT = """\
# Ours is the world.
mail_driver = mbox  # old
!include auth-system.conf.ext # who

namespace inbox {  # first
  mailbox "Sent Messages" {
      special_use = \\Sent
  }
  #separator =
}

query = SELECT 1 \\
  FROM t
"""


def setting(path: str, value: str | None) -> DovecotSetting:
    """A setting by a short notation: 'protocol imap/mail_plugins/fts'."""
    *blocks, key = path.split('/')
    pairs = [block.partition(' ') for block in blocks]
    return DovecotSetting(key, value, tuple((kind, name) for kind, _, name in pairs))


def dovecot(
    settings: dict[str, str | None], *, includes: tuple[str, ...] = (), whole: bool = False
) -> DovecotConf:
    wanted = tuple(setting(path, value) for path, value in settings.items())
    return DovecotConf('/etc/dovecot/x.conf', wanted, includes, whole=whole)


def changed(wanted: Edit, text: str) -> tuple[list[str], list[str]]:
    """Edit a text and return the lines gone and the lines new, checking what always holds."""
    new = edit(wanted, text)
    assert edit(wanted, new) == new
    assert drift(wanted, new) == ()
    assert bool(drift(wanted, text)) == (new != text)
    before, after = text.splitlines(), new.splitlines()
    gone = [line for line in before if line not in after]
    assert is_part([line for line in before if line in after], after)
    return gone, [line for line in after if line not in before]


def is_part(lines: list[str], whole: list[str]) -> bool:
    """Whether all lines stand in a longer list, in the same order."""
    rest = iter(whole)
    return all(line in rest for line in lines)


def test_parameter_is_replaced_in_place() -> None:
    assert changed(MainCf({'biff': 'yes'}), MAIN) == (['biff=no'], ['biff= yes'])


def test_parameters_are_added_under_one_comment() -> None:
    text = edit(MainCf({'one': '1'}), MAIN)
    assert text == f'{MAIN}\n{ADDED}\none = 1\n'
    assert edit(MainCf({'two': ''}), text) == f'{text}two = \n'


def test_parameter_is_removed() -> None:
    assert changed(MainCf({'biff': None, 'nope': None}), MAIN) == (['biff=no'], [])


def test_folded_parameter_counts_as_one_line() -> None:
    value = '127.0.0.0/8 198.51.100.0/24 [::1]/128'
    assert edit(MainCf({'mynetworks': value}), MAIN) == MAIN


@pytest.mark.parametrize('value', ['127.0.0.1', None])
def test_comments_inside_a_parameter_stay(value: str | None) -> None:
    text = edit(MainCf({'mynetworks': value}), MAIN)
    assert '# the lab\n' in text
    assert '    # and this\n' in text
    assert '198.51.100.0' not in text


def test_last_of_several_parameters_counts() -> None:
    text = 'a = 1\na = 2\n'
    assert edit(MainCf({'a': '2'}), text) == text
    assert edit(MainCf({'a': '3'}), text) == 'a = 1\na = 3\n'
    assert edit(MainCf({'a': None}), text) == ''


def test_file_without_last_newline() -> None:
    assert edit(MainCf({'a': '1'}), 'a = 1') == 'a = 1'
    assert edit(MainCf({'b': '1'}), 'a = 1') == f'a = 1\n\n{ADDED}\nb = 1\n'


def test_empty_file() -> None:
    assert edit(MainCf({'a': '1'}), '') == f'{ADDED}\na = 1\n'
    assert edit(dovecot({'b x/a': '1'}), '') == f'{ADDED}\nb x {{\n  a = 1\n}}\n'


def test_undecodable_bytes_stay() -> None:
    text = b'# caf\xe9 \xc3\xa9\na = \xff\nb = 1\n'.decode('utf-8', 'surrogateescape')
    assert edit(MainCf({'b': '2'}), text) == text.replace('b = 1', 'b = 2')


SUBMISSIONS = MasterService(
    'submissions',
    'inet',
    'smtpd',
    'n',
    '-',
    'y',
    options=(('smtpd_tls_wrappermode', 'yes'), ('smtpd_x', 'a, b')),
)


def test_service_is_added() -> None:
    gone, new = changed(MasterCf((SUBMISSIONS,)), MASTER)
    assert gone == []
    assert new == [
        '',
        ADDED,
        'submissions inet  n       -       y       -       -       smtpd',
        '  -o smtpd_tls_wrappermode=yes',
        '  -o { smtpd_x = a, b }',
    ]


def service(*options: tuple[str, str | None]) -> MasterCf:
    return MasterCf((MasterService('relay', 'unix', 'smtp', options=options),))


def test_service_gets_our_options_and_keeps_the_others() -> None:
    relay = MasterService('relay', 'unix', 'smtp', chroot='y', options=(('a', '${b?{c}}'),))
    gone, new = changed(MasterCf((relay,)), MASTER)
    assert gone == []
    assert new == ['  -o a=${b?{c}}']


def test_columns_are_changed_in_place() -> None:
    text = 'relay unix\t-   -  n - 7 lmtp -v  # x\n'.replace('  # x', '') + '  -o mine=1\n'
    wanted = 'relay unix\t-   -  - - - smtp -v\n  -o mine=1\n'
    assert edit(service(), text) == wanted


@pytest.mark.parametrize(
    ('before', 'after'),
    [
        ('  -o f=1\n  -o mine=5\n', '  -o f=2\n  -o mine=5\n'),
        ('  -o mine=5\n', '  -o mine=5\n  -o f=2\n'),
        ('  -of=1   -o mine=5 -v\n', '  -o f=2   -o mine=5 -v\n'),
        ('  -o { f =\n# why\n 1 }\n  -o mine=5\n', '  -o f=2\n  -o mine=5\n# why\n'),
        ('  -o f=2\n  -o f=1\n', '  -o f=2\n  -o f=2\n'),
        ('  -o f=1\n  -o f=2\n', '  -o f=1\n  -o f=2\n'),
        ('  -o g=1\n  -o mine=5\n', '  -o mine=5\n  -o f=2\n'),
        ('  -o mine=5 -o g=1\n', '  -o mine=5\n  -o f=2\n'),
        ('  -o g=1 -o mine=5\n', '  -o mine=5\n  -o f=2\n'),
        ('  -o g=1 -o g=3\n  -o f=2\n', '  \n  -o f=2\n'),
        ('  -o\n  g=1\n# why\n  -o f=2\n', '# why\n  -o f=2\n'),
    ],
)
def test_options_of_an_administrator_stay_byte_for_byte(before: str, after: str) -> None:
    head, tail = 'relay unix - - - - - smtp\n', '# end\nother unix - - - - - smtp\n'
    wanted = service(('f', '2'), ('g', None))
    assert edit(wanted, head + before + tail) == head + after + tail
    assert drift(wanted, head + after + tail) == ()


def test_a_missing_service_is_added_without_what_must_not_be_there() -> None:
    _gone, new = changed(service(('g', None), ('f', '2')), '')
    assert new[-2:] == ['relay     unix  -       -       -       -       -       smtp', '  -o f=2']


def test_right_service_in_other_words_is_left_alone() -> None:
    text = (
        'submissions\tinet n - y - - smtpd -osmtpd_tls_wrappermode=yes -o {smtpd_x=a,\n'
        '# why\n   b}\n'
    )
    assert edit(MasterCf((SUBMISSIONS,)), text) == text


def test_service_twice_is_set_once() -> None:
    line = 'smtp inet n - y - - smtpd\n'
    wanted = MasterCf((MasterService('smtp', 'inet', 'smtpd', 'n', '-', 'y'),))
    assert edit(wanted, line + '# c\n' + line) == line + '# c\n'


def test_service_is_removed() -> None:
    gone, new = changed(MasterCf((), (('relay', 'unix'), ('no', 'unix'))), MASTER)
    assert len(gone) == 3
    assert new == []


def test_setting_is_replaced_in_place() -> None:
    assert changed(dovecot({'mail_driver': 'maildir'}), DOVECOT) == (
        ['mail_driver = mbox  # old'],
        ['mail_driver = maildir  # old'],
    )


def test_settings_are_nested_where_they_belong() -> None:
    wanted = dovecot(
        {
            'namespace inbox/mailbox Sent Messages/auto': 'no',
            'namespace inbox/mailbox Junk Mail/auto': 'subscribe',
            'protocol imap/mail_plugins/imap_sieve': 'yes',
            'protocol imap/mail_plugins/fts': 'yes',
        }
    )
    assert (
        edit(wanted, DOVECOT)
        == DOVECOT.replace(
            """Sent
  }
""",
            """Sent
    auto = no
  }
  mailbox "Junk Mail" {
    auto = subscribe
  }
""",
        )
        + f"""
{ADDED}
protocol imap {{
  mail_plugins {{
    imap_sieve = yes
    fts = yes
  }}
}}
"""
    )


def test_removing_leaves_no_empty_blocks_but_comments() -> None:
    wanted = dovecot(
        {
            'namespace inbox/mailbox Sent Messages/special_use': None,
            'mail_driver': None,
        }
    )
    gone, new = changed(wanted, DOVECOT)
    assert len(gone) == 4
    assert new == ['# old']


@pytest.mark.parametrize(
    'text',
    [
        'a x {\n}\n',
        'a x {\n}\na x {\n  k = 0\n}\n',
        'a x {\n  b y {\n  }\n}\n',
        'a x {\n}\n# why\nz = 1\n',
    ],
)
def test_a_block_the_administrator_left_empty_stays(text: str) -> None:
    names = ('own', 'a x/own', 'a x/b y/own')
    filled = edit(dovecot(dict.fromkeys(names, '1')), text)
    assert is_part(text.split('\n'), filled.split('\n'))
    bare = edit(dovecot(dict.fromkeys(names)), filled)
    assert bare.replace(f'\n{ADDED}\n', '') == text


def test_last_of_several_blocks_counts() -> None:
    text = 'a x {\n  k = 1\n}\na x {\n  k = 2\n}\n'
    assert edit(dovecot({'a x/k': '2'}), text) == text
    assert edit(dovecot({'a x/k': '3'}), text) == text.replace('2', '3')
    assert edit(dovecot({'a x/k': None}), text) == ''


def test_folded_setting_counts_as_one_line() -> None:
    assert edit(dovecot({'query': 'SELECT 1 FROM t'}), DOVECOT) == DOVECOT


def test_empty_setting_with_a_comment() -> None:
    assert edit(dovecot({'a': 'x'}), 'a =# why\n') == 'a = x# why\n'
    assert edit(dovecot({'a': 'x'}), 'a =   \n') == 'a =   x\n'


@pytest.mark.parametrize('include', ['auth-system.conf.ext', '!include auth-system.conf.ext'])
def test_include_is_dropped_but_its_comment(include: str) -> None:
    gone, new = changed(dovecot({}, includes=(include,)), DOVECOT)
    assert gone == ['!include auth-system.conf.ext # who']
    assert new == ['# who']


def test_whole_file_holds_only_ours() -> None:
    wanted = dovecot({'a': '1', 'b x/c': '2'}, whole=True)
    text = f'{WRITTEN}\na = 1\nb x {{\n  c = 2\n}}\n'
    for before in ('', text, 'this { is not', f'{text}# and mine\n'):
        assert edit(wanted, before) == text
    assert drift(wanted, text) == ()
    assert drift(wanted, f'{text}# and mine\n') == ('lines this app does not write',)


def test_drift_says_what_differs() -> None:
    wanted = dovecot(
        {'mail_driver': 'maildir', 'service lmtp/user': 'vmail', 'query': None},
        includes=('auth-system.conf.ext',),
    )
    assert drift(wanted, DOVECOT) == (
        'The line that includes auth-system.conf.ext should not be there.',
        'mail_driver says "mbox" instead of "maildir".',
        'service lmtp / user is missing, it should say "vmail".',
        'query should not be there.',
    )


@pytest.mark.parametrize(
    ('wanted', 'text', 'line'),
    [
        (MainCf({'a': '1'}), 'a = 1\nwhat is this\n', 2),
        (MainCf({'a': '1'}), '  a = 1\n', 1),
        (MasterCf((SUBMISSIONS,)), '#\nsmtp inet n\n', 2),
        (MasterCf((SUBMISSIONS,)), 'smtp inet n - y - - smtpd -o {a\n', 1),
        (dovecot({'a': '1'}), 'b {\n  a = 1\n', 2),
        (dovecot({'a': '1'}), 'b {\n}\n}\n', 3),
        (dovecot({'a': '1'}), 'b { a = 1 }\n', 1),
        (dovecot({'a': '1'}), 'a = 1 \\\n# lost\n', 1),
    ],
)
def test_unreadable_file(wanted: Edit, text: str, line: int) -> None:
    for act in (edit, drift):
        with pytest.raises(MailError) as caught:
            act(wanted, text)
        assert caught.value.code == 'config-unreadable'
        assert f'line {line}.' in caught.value.sentence
        assert text.splitlines()[line - 1] in caught.value.detail


def test_zero_byte_is_unreadable() -> None:
    with pytest.raises(MailError) as caught:
        edit(MainCf({'a': '1'}), 'a = 1\n\0b = 2\n')
    assert caught.value.code == 'config-unreadable'


@pytest.mark.parametrize(
    'wanted',
    [
        MainCf({'a': ' 1'}),
        MainCf({'mynetworks': '#1'}),
        MasterCf((MasterService('a', 'unix', 'b', options=(('c', '{'),)),)),
        MasterCf((MasterService('#a', 'unix', 'b'),)),
        dovecot({'a': '1 # 2'}),
        dovecot({'mail_driver': 'a \\'}),
        dovecot({'a': '1', 'b {/c': '2', 'b': '3 '}),
        dovecot({'a b {': '1 # 2'}, whole=True),
    ],
)
def test_unwritable_value(wanted: Edit) -> None:
    text = {MainCf: 'mynetworks =\n 1\n', MasterCf: MASTER, DovecotConf: DOVECOT}[type(wanted)]
    with pytest.raises(MailError) as caught:
        edit(wanted, text)
    assert caught.value.code == 'config-unwritable'
    assert caught.value.detail


def test_threads_do_not_disturb_each_other() -> None:
    jobs: list[tuple[Edit, str]] = [
        (MainCf({'biff': 'yes'}), MAIN),
        (MasterCf((SUBMISSIONS,)), MASTER),
        (dovecot({'mail_driver': 'maildir', 'a b/c': 'd'}), DOVECOT),
    ]
    expected = [edit(*job) for job in jobs]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda job: edit(*job), jobs * 50)) == expected * 50


# The administrator's names start with "x", ours with "f": nothing of theirs may be lost.
gap = st.sampled_from(['', ' ', '\t', '   '])
note = st.text(st.characters(codec='utf-8', exclude_categories=['Cc']), max_size=20)
blank = st.one_of(gap, st.builds('{}#{}'.format, gap, note)).map('{}\n'.format)
admin_name = st.from_regex(r'x[a-z_]{0,4}', fullmatch=True)
our_name = st.from_regex(r'f[a-z_]{0,4}', fullmatch=True)
inner = st.characters(codec='utf-8', exclude_categories=['Cc'], exclude_characters='#\\\'"')
value = st.text(inner, max_size=20).map(lambda text: text.strip(' '))
main_lines = st.one_of(
    blank,
    st.builds('{}{}={}{}{}\n'.format, admin_name, gap, gap, value, gap),
    st.builds('{}={}\n# {}\n\n\t{}\n'.format, admin_name, value, note, admin_name),
)
main_files = st.lists(main_lines, max_size=8).map(''.join)
master_lines = st.one_of(
    blank,
    st.builds('{} inet n - -{} - 3? pipe a=${{x}}\n'.format, admin_name, gap),
    st.builds(
        '{} unix n\tn n - - pipe\n# {}\n  -o {{ {} =\n b }}\n'.format, admin_name, note, admin_name
    ),
)
master_files = st.lists(master_lines, max_size=8).map(''.join)
dovecot_lines = st.one_of(
    blank,
    st.builds('{}{}{}={}{}{} # {}\n'.format, gap, admin_name, gap, gap, value, gap, note),
    st.builds("{} = it's {}\n".format, admin_name, value),
    st.builds('{} = "{}#" \\\n <{} #{}\n'.format, admin_name, value, value, note),
    st.builds('{}!include_try {}*.conf\n'.format, gap, admin_name),
)
dovecot_files = st.recursive(
    st.lists(dovecot_lines, max_size=5).map(''.join),
    lambda body: st.lists(
        st.builds('{}{} "{} x"{{#{}\n{}{}}}\n'.format, gap, admin_name, admin_name, note, body, gap)
        | st.builds('{} {} {{\n{}{}}}\n'.format, our_name, our_name, body, gap)
        | dovecot_lines,
        max_size=4,
    ).map(''.join),
    max_leaves=8,
)
our_values = st.dictionaries(our_name, value, min_size=1, max_size=5)
services = st.builds(
    MasterService,
    our_name,
    st.sampled_from(['inet', 'unix']),
    our_name,
    chroot=our_name,
    options=st.lists(
        st.tuples(our_name, value.filter(lambda text: not set('{}') & set(text))),
        max_size=3,
        unique_by=lambda option: option[0],
    ).map(tuple),
)
wanted_settings = st.lists(
    st.builds(
        DovecotSetting,
        our_name,
        value,
        st.lists(st.tuples(our_name, our_name), max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda wanted: (wanted.key, wanted.blocks),
)


def check_survival(wanted: Edit, text: str) -> str:
    """Edit a text that holds nothing of ours, and find every line of it in the result."""
    new = edit(wanted, text)
    assert is_part(text.split('\n'), new.split('\n'))
    assert edit(wanted, new) == new
    return new


@given(our_values, main_files)
def test_admin_lines_of_main_cf_survive(values: dict[str, str], text: str) -> None:
    new = check_survival(MainCf(values), text)
    bare = edit(MainCf(dict.fromkeys(values)), new)
    assert bare == text + ('' if not text or text.endswith('\n\n') else '\n') + f'{ADDED}\n'


@settings(max_examples=50)
@given(
    st.lists(services, min_size=1, max_size=4, unique_by=lambda s: (s.name, s.type)), master_files
)
def test_admin_lines_of_master_cf_survive(wanted: list[MasterService], text: str) -> None:
    new = check_survival(MasterCf(tuple(wanted)), text)
    bare = edit(MasterCf((), tuple((service.name, service.type) for service in wanted)), new)
    assert is_part(text.split('\n'), bare.split('\n'))
    assert bare.endswith(f'{ADDED}\n')


@settings(max_examples=50)
@given(wanted_settings, dovecot_files)
@example([DovecotSetting('f', ''), DovecotSetting('f', '', (('f', 'f'),))], 'f f {\n}\n')
def test_admin_lines_of_dovecot_survive(wanted: list[DovecotSetting], text: str) -> None:
    new = check_survival(DovecotConf('/x', tuple(wanted)), text)
    none = tuple(DovecotSetting(each.key, None, each.blocks) for each in wanted)
    bare = edit(DovecotConf('/x', none), new)
    assert is_part(text.split('\n'), bare.split('\n'))
    assert drift(DovecotConf('/x', none), bare) == ()


@given(wanted_settings)
@example([DovecotSetting('f', '\xa0x\u2003', (('f', '\xa0'),))])
def test_whole_dovecot_files_hold_what_was_wanted(wanted: list[DovecotSetting]) -> None:
    conf = DovecotConf('/x', tuple(wanted), whole=True)
    assert drift(conf, edit(conf, '')) == ()


@given(
    st.sampled_from(
        [
            (MainCf({'f': 'v'}), f'{ADDED}\nf = v\n'),
            (MasterCf((MasterService('f', 'unix', 'f'),)), None),
            (dovecot({'f': 'v'}), f'{ADDED}\nf = v\n'),
        ]
    ),
    st.text(st.sampled_from(' \t\n\r#={}"\'\\!ax-<$é\u2028\x0b\udcff'), max_size=30),
)
@example((dovecot({'f': 'v'}), f'{ADDED}\nf = v\n'), 'a = 1 \\')
def test_any_text_is_kept_or_refused(case: tuple[Edit, str | None], text: str) -> None:
    wanted, added = case
    try:
        new = edit(wanted, text)
    except MailError as error:
        outcome = error.code
    else:
        assert new.startswith(text)
        assert added is None or new.endswith(added)
        outcome = 'written'

    assert outcome in {'config-unreadable', 'written'}
