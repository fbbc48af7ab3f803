# SPDX-License-Identifier: AGPL-3.0-or-later
"""The text of one configuration file, changed only where a state says so.

Augeas reads the text with our own lenses and says where each setting stands. Only these
places are written; every other byte is copied as it was. The result is read by the lens
again and must then say what was wanted, or it is not handed out. Augeas' own way to
write is not used, because it hands the white space and comments of a removed line to
the next line of the same kind (see doc/lenses.md).

No file is read or written here, and nothing of the process is changed, so calls may run
in several threads. A value is what stands behind the equals sign: quotes that a program
needs are part of it. Names of blocks are given without quotes and get them as needed.

DIAGNOSTICS
    config-unreadable   the text does not follow its program's rules; the detail says where
    config-unwritable   a wanted setting cannot stand in such a file; the detail says which
"""

import re
from contextlib import closing
from typing import cast

from ..config.state import DovecotConf, DovecotSetting, MainCf, MasterCf, MasterService
from ..errors import MailError
from . import master_services
from .tokens import COMMENT_LINE, POSTFIX_FOLD, Edit, Item, TokenReader

ADDED = '# Added by FreedomBox. Change what follows on its Email page.'
WRITTEN = '# Written by FreedomBox. Change it on the Email page: edits made here are lost.'

Blocks = tuple[tuple[str, str], ...]

_DOVECOT_FOLD = re.compile(r'[ \t\r]*\\[ \t\r]*\n[ \t\r]*')
# Only these are white space to the programs; Python's own idea of it is wider.
_BLANK = ' \t\r\n'
_BARE_WORD = re.compile(r'[^!#\'"{}=\\ ][^#\'"{}=\\ ]*')
_BARE_NAME = re.compile(r'[^#\'"{=\\ ][^#\'"\\ ]*')


def edit(wanted: Edit, text: str) -> str:
    """The text of one file with the wanted settings in it.

    A text that is right already is returned unchanged.
    """
    whole = isinstance(wanted, DovecotConf) and wanted.whole
    with closing(TokenReader(wanted)) as reader:
        items = [Item('text', WRITTEN + '\n')] if whole else reader.read(text)
        if not _apply(wanted, items) and not whole:
            return text

        new_text = ''.join(item.render() for item in items)
        try:
            left = _apply(wanted, reader.read(new_text))
        except MailError as error:
            raise _unwritable(wanted, error.detail) from error

    if left:
        raise _unwritable(wanted, '\n'.join(left))

    return new_text


def drift(wanted: Edit, text: str) -> tuple[str, ...]:
    """One plain line for each of our settings that the text does not hold."""
    with closing(TokenReader(wanted)) as reader:
        reasons = tuple(_apply(wanted, reader.read(text)))

    if not reasons and isinstance(wanted, DovecotConf) and wanted.whole:
        return () if edit(wanted, text) == text else ('lines this app does not write',)

    return reasons


def _apply(wanted: Edit, items: list[Item]) -> list[str]:
    """Make the tokens of a file as wanted; the differences of before."""
    if isinstance(wanted, MainCf):
        changes = [_apply_parameter(items, *pair) for pair in wanted.values.items()]
    elif isinstance(wanted, MasterCf):
        changes = [_apply_service(items, service) for service in wanted.services]
        changes += [_drop_service(items, *pair) for pair in wanted.absent]
    else:
        changes = [_drop_include(items, include) for include in wanted.includes_absent]
        changes += [_apply_setting(items, setting) for setting in wanted.settings]

    return [change for change in changes if change]


def _apply_parameter(items: list[Item], key: str, value: str | None) -> str:
    """Set or remove one parameter of main.cf; the differences of before."""
    found = [item for item in items if item.key == key]
    if value is None:
        return _drop(items, found, key)

    if not found:
        _append(items, Item('setting', f'{key} = ', key, value, '\n'))
        return _missing(key, value)

    # Postfix takes the last of several.
    have = POSTFIX_FOLD.sub(' ', found[-1].value)
    return '' if have == value else _replace(found[-1], key, have, value)


def _apply_service(items: list[Item], service: MasterService) -> str:
    """Set one service of master.cf; the differences of before."""
    name = f'The service {service.name} {service.type}'
    found = [item for item in items if (item.key, item.name) == (service.name, service.type)]
    if not found:
        _append(items, Item('service', _render_service(service), service.name, name=service.type))
        return f'{name} is missing.'

    first, *others = found
    _drop(items, others, '')
    repairs = master_services.repairs(first, _columns(service), service.options)
    if not repairs:
        return f'{name} is there more than once.' if others else ''

    first.head = master_services.repaired(first.head, repairs)
    return f'{name} is different.'


def _columns(service: MasterService) -> tuple[str, ...]:
    """The columns that follow the name and the type of a service."""
    rights = (service.private, service.unprivileged, service.chroot)
    return (*rights, service.wakeup, service.limit, service.command)


def _render_service(service: MasterService) -> str:
    """The lines of a service, its columns where Debian's file has them."""
    *columns, command = _columns(service)
    text = f'{service.name:<9} {service.type:<5} '
    text += ' '.join(f'{column:<7}' for column in columns) + f' {command}\n'
    lines = (
        master_services.render(key, value) for key, value in service.options if value is not None
    )
    return text + ''.join(f'  {line}\n' for line in lines)


def _drop_service(items: list[Item], name: str, kind: str) -> str:
    """Remove a service from master.cf; the differences of before."""
    found = [item for item in items if (item.key, item.name) == (name, kind)]
    return _drop(items, found, f'The service {name} {kind}')


def _drop_include(items: list[Item], include: str) -> str:
    """Remove an include line, named by its path or as a whole; the differences of before."""
    path = include.rpartition(' ')[2]
    found = [item for item in items if item.kind == 'include' and item.key == path]
    return _drop(items, found, f'The line that includes {path}')


def _apply_setting(items: list[Item], setting: DovecotSetting) -> str:
    """Set or remove one setting of Dovecot; the differences of before."""
    parts = [f'{kind} {name}'.strip() for kind, name in setting.blocks]
    where = ' / '.join([*parts, setting.key])
    if setting.value is None:
        return _drop_nested(items, setting.blocks, setting.key, where)

    bodies = _bodies(items, setting.blocks)
    found = [item for body in bodies for item in _settings(body, setting.key)]
    if not found:
        _create(items, setting)
        return _missing(where, setting.value)

    # Dovecot takes the last of several.
    have = _DOVECOT_FOLD.sub(' ', found[-1].value).strip(_BLANK)
    return '' if have == setting.value else _replace(found[-1], where, have, setting.value)


def _settings(body: list[Item], key: str) -> list[Item]:
    """The settings of that key that stand directly in a body."""
    return [item for item in body if item.kind == 'setting' and item.key == key]


def _blocks(body: list[Item], block: tuple[str, str]) -> list[Item]:
    """The blocks of that kind and name that stand directly in a body."""
    return [item for item in body if item.kind == 'block' and (item.key, item.name) == block]


def _bodies(items: list[Item], blocks: Blocks) -> list[list[Item]]:
    """The bodies of all blocks that are nested in this way."""
    bodies = [items]
    for block in blocks:
        bodies = [item.body for body in bodies for item in _blocks(body, block)]

    return bodies


def _create(items: list[Item], setting: DovecotSetting) -> None:
    """Add a setting to the last block it fits in, with the blocks that are missing.

    A block that is empty stays so: filled, it would be taken for ours when the setting goes.
    """
    depth, body = 0, items
    for end in range(1, len(setting.blocks) + 1):
        filled = [other for other in _bodies(items, setting.blocks[:end]) if other]
        depth, body = (end, filled[-1]) if filled else (depth, body)

    item = _new_item(setting, depth, '  ' * depth)
    if depth == 0:
        _append(items, item)
        return

    real = [place for place, other in enumerate(body, 1) if other.kind != 'text']
    body.insert(real[-1] if real else len(body), item)


def _new_item(setting: DovecotSetting, depth: int, indent: str) -> Item:
    """A setting with the blocks around it from a depth on."""
    if depth == len(setting.blocks):
        head = f'{indent}{_quote(setting.key, _BARE_WORD)} = '
        return Item('setting', head, setting.key, cast(str, setting.value), '\n')

    kind, name = setting.blocks[depth]
    names = [_quote(kind, _BARE_WORD)]
    if name:
        names.append(name if kind == 'group' else _quote(name, _BARE_NAME))
    inner = _new_item(setting, depth + 1, indent + '  ')
    head = f'{indent}{" ".join(names)} {{\n'
    return Item('block', head, kind, '', f'{indent}}}\n', name, body=[inner])


def _drop_nested(items: list[Item], blocks: Blocks, key: str, where: str) -> str:
    """Remove settings of Dovecot, and the blocks that only they stood in."""
    if not blocks:
        return _drop(items, _settings(items, key), where)

    said = ''
    for block in _blocks(items, blocks[0]):
        gone = _drop_nested(block.body, blocks[1:], key, where)
        if gone and not block.body:
            _drop(items, [block], where)
        said = said or gone

    return said


def _quote(text: str, bare: re.Pattern[str]) -> str:
    """A word as Dovecot's configuration needs it written."""
    if bare.fullmatch(text):
        return text

    return '"' + re.sub(r'(["\\])', r'\\\1', text) + '"'


def _append(items: list[Item], item: Item) -> None:
    """Add an item at the end of a file, below a comment that says whose it is."""
    notes = ''.join(other.head for other in items if other.kind == 'text')
    if ADDED not in notes and WRITTEN not in notes:
        text = ''.join(other.render() for other in items)
        blank = '' if not text or text.endswith('\n\n') else '\n'
        items.append(Item('text', f'{blank}{ADDED}\n'))

    items.append(item)


def _replace(item: Item, where: str, have: str, value: str) -> str:
    """Give a setting another value and say so; comments inside the old value are kept."""
    comments = COMMENT_LINE.findall(item.value)
    item.tail += ''.join(comments)
    item.value = value
    if item.head.endswith('='):
        item.head += ' '

    return f'{where} says "{have}" instead of "{value}".'


def _drop(items: list[Item], gone: list[Item], where: str) -> str:
    """Take items out of a list and say so; the comments in them stay."""
    for item in gone:
        place = items.index(item)
        comments = _comments(item)
        items[place : place + 1] = [Item('text', comments)] if comments else []

    return f'{where} should not be there.' if gone else ''


def _comments(item: Item) -> str:
    """The comments that stand in an item, each on a line of its own."""
    lines = COMMENT_LINE.findall(item.head + item.value)
    note = item.tail.strip(_BLANK)
    return ''.join(lines) + (f'{note}\n' if note.startswith('#') else '')


def _missing(where: str, value: str) -> str:
    """Say that a setting is missing."""
    return f'{where} is missing, it should say "{value}".'


def _unwritable(wanted: Edit, detail: str) -> MailError:
    """The error for a file that cannot hold the wanted values."""
    return MailError('config-unwritable', detail, path=wanted.path)
