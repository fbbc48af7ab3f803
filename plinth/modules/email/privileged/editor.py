# SPDX-License-Identifier: AGPL-3.0-or-later
"""Edit the text of one configuration file, changing only what a state lists.

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
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import cast

from augeas import Augeas, AugeasValueError

from ..config.state import DovecotConf, DovecotSetting, MainCf, MasterCf, MasterService
from ..errors import MailError

Edit = MainCf | MasterCf | DovecotConf

ADDED = '# Added by FreedomBox. Change what follows on its Email page.'
WRITTEN = '# Written by FreedomBox. Change it on the Email page: edits made here are lost.'

_FLAGS = Augeas.NO_LOAD | Augeas.NO_MODL_AUTOLOAD | Augeas.ENABLE_SPAN
_POSTFIX_FOLD = re.compile(r'[ \t\r]*\n([ \t]*(#.*)?\n)*[ \t]+')
_DOVECOT_FOLD = re.compile(r'[ \t\r]*\\[ \t\r]*\n[ \t\r]*')
# Only these are white space to the programs; Python's own idea of it is wider.
_BLANK = ' \t\r\n'
_COMMENT_LINE = re.compile(r'^[ \t]*#.*\n', re.MULTILINE)
_BARE_WORD = re.compile(r'[^!#\'"{}=\\ ][^#\'"{}=\\ ]*')
_BARE_NAME = re.compile(r'[^#\'"{=\\ ][^#\'"\\ ]*')


def edit(wanted: Edit, text: str) -> str:
    """Return the text of one file with the wanted settings in it.

    A text that is right already is returned unchanged.
    """
    whole = isinstance(wanted, DovecotConf) and wanted.whole
    with closing(_Reader(wanted)) as reader:
        items = [_Item('text', WRITTEN + '\n')] if whole else reader.read(text)
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
    """Return one plain line for each of our settings that the text does not hold."""
    with closing(_Reader(wanted)) as reader:
        reasons = tuple(_apply(wanted, reader.read(text)))

    if not reasons and isinstance(wanted, DovecotConf) and wanted.whole:
        return () if edit(wanted, text) == text else ('There are lines that are not ours.',)

    return reasons


@dataclass(eq=False)
class _Item:
    """A piece of a file: a setting, block, include or service, or the text between them.

    Its pieces of text, put together again, are the text it was read from.
    """

    kind: str
    head: str = ''
    key: str = ''
    value: str = ''
    tail: str = ''
    name: str = ''
    words: tuple[str, ...] = ()
    body: list['_Item'] = field(default_factory=list)

    def render(self) -> str:
        """Return the text of this piece."""
        return self.head + self.value + ''.join(item.render() for item in self.body) + self.tail


@dataclass(frozen=True)
class _Node:
    """Where a node of the Augeas tree stands in the text."""

    path: str
    label: slice
    value: slice
    span: slice


class _Reader:
    """Reads texts of one file by its lens."""

    def __init__(self, wanted: Edit) -> None:
        self._path = wanted.path
        self._lens, self._query, self._make = _FORMATS[type(wanted)]
        self._augeas = Augeas(flags=_FLAGS)
        self._text = ''

    def close(self) -> None:
        """Free what Augeas holds."""
        self._augeas.close()

    def read(self, text: str) -> list[_Item]:
        """Return the pieces of a text, all of it."""
        if not text:
            return []

        self._text = text if text.endswith('\n') else text + '\n'
        # Offsets in Augeas count bytes. What the programs look at is ASCII, so any other
        # character can be one byte for it, even one that no encoding knows.
        self._augeas.set('/in', re.sub(r'[^\x00-\x7f]', 'x', self._text))
        try:
            if '\0' in text:
                raise AugeasValueError(0, 'The text holds a zero byte.', '', '', '')
            self._augeas.text_store(f'{self._lens}.lns', '/in', '/file')
        except AugeasValueError as error:
            raise self._unreadable(error) from error

        return self.pieces('/file', 0, len(self._text))

    def pieces(self, path: str, start: int, end: int) -> list[_Item]:
        """Return the pieces below a node, and the text around them from start to end."""
        items = []
        for node in self.nodes(f'{path}/{self._query}'):
            if node.span.start > start:
                items.append(_Item('text', self._text[start:node.span.start]))
            items.append(self._make(self, node))
            start = node.span.stop

        return items if start == end else [*items, _Item('text', self._text[start:end])]

    def nodes(self, query: str) -> Iterator[_Node]:
        """Yield the nodes that match an Augeas path, in the order of the text."""
        for path in self._augeas.match(query):
            spans = self._augeas.span(path)[1:]
            yield _Node(path, *(slice(*spans[i : i + 2]) for i in (0, 2, 4)))

    def text(self, part: slice) -> str:
        """Return a part of the text."""
        return self._text[part]

    def texts(self, query: str) -> tuple[str, ...]:
        """Return the texts of the values of the nodes that match an Augeas path."""
        return tuple(self._text[node.value] for node in self.nodes(query))

    def _unreadable(self, error: AugeasValueError) -> MailError:
        """Return the error that says which line stopped the lens."""
        base = '/augeas/text/file/error'
        if not self._augeas.match(base):
            sentence = f'The file {self._path} cannot be read.'
            return MailError('config-unreadable', sentence, str(error))

        line, column, message, lens = (
            self._augeas.get(f'{base}/{name}') for name in ('line', 'char', 'message', 'lens')
        )
        # A block that is not closed is noticed one line after the last.
        lines = self._text.split('\n')[:-1]
        line = min(int(line), len(lines))
        return MailError(
            'config-unreadable',
            f'The file {self._path} cannot be read: something is wrong at line {line}. '
            'Correct it, then try again.',
            f'{self._path}, line {line}, column {column}: {lines[line - 1]}\n{message} ({lens})',
        )


def _main_item(reader: _Reader, node: _Node) -> _Item:
    """Return a parameter of main.cf."""
    item = _Item('setting', key=reader.text(node.label))
    _split(item, reader, node.label.stop, node.span, [node] if node.value.stop else [])
    return item


def _split(item: _Item, reader: _Reader, key_end: int, span: slice, values: list[_Node]) -> None:
    """Fill in the text before, in and after the value of a setting that may have none."""
    if values:
        place = values[0].value
    else:
        text = reader.text(slice(0, span.stop))
        position = text.index('=', key_end) + 1
        # A comment at the end of the line keeps its distance.
        blank = len(text) - len(text[position:].lstrip(' \t')) - position
        position += blank if text[position + blank] != '#' else 0
        place = slice(position, position)

    item.head = reader.text(slice(span.start, place.start))
    item.value = reader.text(place)
    item.tail = reader.text(slice(place.stop, span.stop))


def _master_item(reader: _Reader, node: _Node) -> _Item:
    """Return a service of master.cf; its words are the columns after its name and type."""
    kind, *words = reader.texts(f'{node.path}/*')
    name = reader.text(node.value)
    return _Item('service', reader.text(node.span), name, name=kind, words=tuple(words))


def _dovecot_item(reader: _Reader, node: _Node) -> _Item:
    """Return a setting, include or block of Dovecot's configuration."""
    kind = node.path.rpartition('/')[2].partition('[')[0]
    item = _Item(kind, key=_unquote(reader.text(node.value)))
    if kind == 'setting':
        _split(item, reader, node.value.stop, node.span, [*reader.nodes(f'{node.path}/value')])
    elif kind == 'include':
        _split(item, reader, node.value.stop, node.span, [node])
        item.key = item.value
    else:
        _split_block(item, reader, node)

    return item


def _split_block(item: _Item, reader: _Reader, node: _Node) -> None:
    """Fill in the lines with the braces and what stands between them."""
    item.name = ' '.join(_unquote(name) for name in reader.texts(f'{node.path}/name'))
    text = reader.text(node.span)
    first, last = text.index('\n') + 1, text.rindex('\n', 0, -1) + 1
    item.head, item.tail = text[:first], text[last:]
    item.body = reader.pieces(node.path, node.span.start + first, node.span.start + last)


_FORMATS: dict[type[Edit], tuple[str, str, Callable[[_Reader, _Node], _Item]]] = {
    MainCf: ('Freedombox_postfix_main', '*[label() != "#comment"]', _main_item),
    MasterCf: ('Freedombox_postfix_master', 'service', _master_item),
    DovecotConf: (
        'Freedombox_dovecot',
        '*[label() = "setting" or label() = "include" or label() = "block"]',
        _dovecot_item,
    ),
}


def _apply(wanted: Edit, items: list[_Item]) -> list[str]:
    """Make the pieces of a file say what is wanted; return what they did not say before."""
    if isinstance(wanted, MainCf):
        changes = [_apply_parameter(items, *pair) for pair in wanted.values.items()]
    elif isinstance(wanted, MasterCf):
        changes = [_apply_service(items, service) for service in wanted.services]
        changes += [_drop_service(items, *pair) for pair in wanted.absent]
    else:
        changes = [_drop_include(items, include) for include in wanted.includes_absent]
        changes += [_apply_setting(items, setting) for setting in wanted.settings]

    return [change for change in changes if change]


def _apply_parameter(items: list[_Item], key: str, value: str | None) -> str:
    """Set or remove one parameter of main.cf; return what was different."""
    found = [item for item in items if item.key == key]
    if value is None:
        return _drop(items, found, key)

    if not found:
        _append(items, _Item('setting', f'{key} = ', key, value, '\n'))
        return _missing(key, value)

    # Postfix takes the last of several.
    have = _POSTFIX_FOLD.sub(' ', found[-1].value)
    return '' if have == value else _replace(found[-1], key, have, value)


def _apply_service(items: list[_Item], service: MasterService) -> str:
    """Set one service of master.cf; return what was different."""
    name = f'The service {service.name} {service.type}'
    found = [item for item in items if (item.key, item.name) == (service.name, service.type)]
    if not found:
        _append(items, _Item('service', _render_service(service), service.name, name=service.type))
        return f'{name} is missing.'

    first, *others = found
    _drop(items, others, '')
    columns, words = first.words[:6], first.words[6:]
    if columns == _columns(service) and _options(words) == sorted(service.options):
        return f'{name} is there more than once.' if others else ''

    first.head = _render_service(service) + _comments(first)
    return f'{name} is different.'


def _columns(service: MasterService) -> tuple[str, ...]:
    """Return the columns that follow the name and the type of a service."""
    rights = (service.private, service.unprivileged, service.chroot)
    return (*rights, service.wakeup, service.limit, service.command)


def _options(words: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the options of a command line, any other word as an option without name."""
    options = []
    rest = iter(words)
    for word in rest:
        if not word.startswith('-o'):
            options.append(('', word))
            continue

        option = _POSTFIX_FOLD.sub(' ', word[2:] or next(rest, ''))
        if option.startswith('{') and option.endswith('}'):
            option = option[1:-1]
        key, _, value = option.partition('=')
        options.append((key.strip(_BLANK), value.strip(_BLANK)))

    return sorted(options)


def _render_service(service: MasterService) -> str:
    """Return the lines of a service, its columns where Debian's file has them."""
    *columns, command = _columns(service)
    text = f'{service.name:<9} {service.type:<5} '
    text += ' '.join(f'{column:<7}' for column in columns) + f' {command}\n'
    for key, value in service.options:
        # Braces keep the white space in a value together.
        text += f'  -o {{ {key} = {value} }}\n' if ' ' in value else f'  -o {key}={value}\n'

    return text


def _drop_service(items: list[_Item], name: str, kind: str) -> str:
    """Remove a service from master.cf; return what was different."""
    found = [item for item in items if (item.key, item.name) == (name, kind)]
    return _drop(items, found, f'The service {name} {kind}')


def _drop_include(items: list[_Item], include: str) -> str:
    """Remove an include line, named by its path or as a whole; return what was different."""
    path = include.rpartition(' ')[2]
    found = [item for item in items if item.kind == 'include' and item.key == path]
    return _drop(items, found, f'The line that includes {path}')


def _apply_setting(items: list[_Item], setting: DovecotSetting) -> str:
    """Set or remove one setting of Dovecot; return what was different."""
    parts = [f'{kind} {name}'.strip() for kind, name in setting.blocks]
    where = ' / '.join([*parts, setting.key])
    bodies = _bodies(items, setting.blocks)
    found = [item for body in bodies for item in _settings(body, setting.key)]
    if setting.value is None:
        return _drop_nested(items, setting, found, where)

    if not found:
        _create(items, setting)
        return _missing(where, setting.value)

    # Dovecot takes the last of several.
    have = _DOVECOT_FOLD.sub(' ', found[-1].value).strip(_BLANK)
    return '' if have == setting.value else _replace(found[-1], where, have, setting.value)


def _settings(body: list[_Item], key: str) -> list[_Item]:
    """Return the settings of that key that stand directly in a body."""
    return [item for item in body if item.kind == 'setting' and item.key == key]


def _blocks(body: list[_Item], block: tuple[str, str]) -> list[_Item]:
    """Return the blocks of that kind and name that stand directly in a body."""
    return [item for item in body if item.kind == 'block' and (item.key, item.name) == block]


def _bodies(items: list[_Item], blocks: tuple[tuple[str, str], ...]) -> list[list[_Item]]:
    """Return the bodies of all blocks that are nested in this way."""
    bodies = [items]
    for block in blocks:
        bodies = [item.body for body in bodies for item in _blocks(body, block)]

    return bodies


def _create(items: list[_Item], setting: DovecotSetting) -> None:
    """Add a setting to the last block it fits in, with the blocks that are missing."""
    depth = max(
        depth
        for depth in range(len(setting.blocks) + 1)
        if _bodies(items, setting.blocks[:depth])
    )
    body = _bodies(items, setting.blocks[:depth])[-1]
    indent = '  ' * depth
    item = _new_item(setting, depth, indent)
    if depth == 0:
        _append(items, item)
        return

    real = [place for place, other in enumerate(body, 1) if other.kind != 'text']
    body.insert(real[-1] if real else len(body), item)


def _new_item(setting: DovecotSetting, depth: int, indent: str) -> _Item:
    """Return a setting with the blocks around it from a depth on."""
    if depth == len(setting.blocks):
        head = f'{indent}{_quote(setting.key, _BARE_WORD)} = '
        return _Item('setting', head, setting.key, cast(str, setting.value), '\n')

    kind, name = setting.blocks[depth]
    names = [_quote(kind, _BARE_WORD)]
    if name:
        names.append(name if kind == 'group' else _quote(name, _BARE_NAME))
    inner = _new_item(setting, depth + 1, indent + '  ')
    head = f'{indent}{" ".join(names)} {{\n'
    return _Item('block', head, kind, '', f'{indent}}}\n', name, body=[inner])


def _drop_nested(
    items: list[_Item], setting: DovecotSetting, found: list[_Item], where: str
) -> str:
    """Remove settings of Dovecot, and the blocks that hold nothing any more."""
    for body in _bodies(items, setting.blocks):
        _drop(body, [item for item in found if item in body], where)

    for depth in reversed(range(len(setting.blocks) if found else 0)):
        for body in _bodies(items, setting.blocks[:depth]):
            empty = [block for block in _blocks(body, setting.blocks[depth]) if not block.body]
            _drop(body, empty, where)

    return f'{where} should not be there.' if found else ''


def _unquote(text: str) -> str:
    """Return a word of Dovecot's configuration without its quotes."""
    if not text.startswith('"'):
        return text

    return re.sub(r'\\(.)', r'\1', text[1:-1])


def _quote(text: str, bare: re.Pattern[str]) -> str:
    """Return a word as Dovecot's configuration needs it written."""
    if bare.fullmatch(text):
        return text

    return '"' + re.sub(r'(["\\])', r'\\\1', text) + '"'


def _append(items: list[_Item], item: _Item) -> None:
    """Add an item at the end of a file, below a comment that says whose it is."""
    notes = ''.join(other.head for other in items if other.kind == 'text')
    if ADDED not in notes and WRITTEN not in notes:
        text = ''.join(other.render() for other in items)
        blank = '' if not text or text.endswith('\n\n') else '\n'
        items.append(_Item('text', f'{blank}{ADDED}\n'))

    items.append(item)


def _replace(item: _Item, where: str, have: str, value: str) -> str:
    """Give a setting another value and say so; comments inside the old value are kept."""
    comments = _COMMENT_LINE.findall(item.value)
    item.tail += ''.join(comments)
    item.value = value
    if item.head.endswith('='):
        item.head += ' '

    return f'{where} says "{have}" instead of "{value}".'


def _drop(items: list[_Item], gone: list[_Item], where: str) -> str:
    """Take items out of a list and say so; the comments in them stay."""
    for item in gone:
        place = items.index(item)
        comments = _comments(item)
        items[place : place + 1] = [_Item('text', comments)] if comments else []

    return f'{where} should not be there.' if gone else ''


def _comments(item: _Item) -> str:
    """Return the comments that stand in an item, each on a line of its own."""
    lines = _COMMENT_LINE.findall(item.head + item.value)
    note = item.tail.strip(_BLANK)
    return ''.join(lines) + (f'{note}\n' if note.startswith('#') else '')


def _missing(where: str, value: str) -> str:
    """Say that a setting is missing."""
    return f'{where} is missing, it should say "{value}".'


def _unwritable(wanted: Edit, detail: str) -> MailError:
    """Return the error for a file that cannot hold what is wanted."""
    return MailError(
        'config-unwritable',
        f'The file {wanted.path} was left as it is, '
        'because what is wanted cannot be written into it.',
        detail,
    )
