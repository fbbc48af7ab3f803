# SPDX-License-Identifier: AGPL-3.0-or-later
"""Read the text of one configuration file into pieces, by a lens of ours.

Augeas says where each setting stands; the pieces hold the text itself, so that they are
the file again when put together, comments and blanks and all.

DIAGNOSTICS
    config-unreadable   the text does not follow its program's rules; the detail says where
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from augeas import Augeas, AugeasValueError

from ..config.state import DovecotConf, MainCf, MasterCf
from ..errors import MailError

Edit = MainCf | MasterCf | DovecotConf

POSTFIX_FOLD = re.compile(r'[ \t\r]*\n([ \t]*(#.*)?\n)*[ \t]+')
COMMENT_LINE = re.compile(r'^[ \t]*#.*\n', re.MULTILINE)

_FLAGS = Augeas.NO_LOAD | Augeas.NO_MODL_AUTOLOAD | Augeas.ENABLE_SPAN


@dataclass(eq=False)
class Item:
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
    places: tuple[slice, ...] = ()
    body: list['Item'] = field(default_factory=list)

    def render(self) -> str:
        """The text of this piece."""
        return self.head + self.value + ''.join(item.render() for item in self.body) + self.tail


@dataclass(frozen=True)
class _Node:
    """Where a node of the Augeas tree stands in the text."""

    path: str
    label: slice
    value: slice
    span: slice


class TokenReader:
    """Reads texts of one file by its lens."""

    def __init__(self, wanted: Edit) -> None:
        self._path = wanted.path
        self._lens, self._query, self._make = _FORMATS[type(wanted)]
        self._augeas = Augeas(flags=_FLAGS)
        self._text = ''

    def close(self) -> None:
        """Free the tree of Augeas."""
        self._augeas.close()

    def read(self, text: str) -> list[Item]:
        """The pieces of a text, all of it."""
        if not text:
            return []

        self._text = text if text.endswith('\n') else text + '\n'
        # Offsets in Augeas count bytes. What the programs look at is ASCII, so any other
        # character can be one byte for it, even one that no encoding knows.
        self._augeas.set('/in', re.sub(r'[^\x00-\x7f]', 'x', self._text))
        try:
            if '\0' in text:
                raise AugeasValueError(0, 'zero byte in the text', '', '', '')
            self._augeas.text_store(f'{self._lens}.lns', '/in', '/file')
        except AugeasValueError as error:
            raise self._unreadable(error) from error

        return self.pieces('/file', 0, len(self._text))

    def pieces(self, path: str, start: int, end: int) -> list[Item]:
        """The pieces below a node, and the text around them from start to end."""
        items = []
        for node in self.nodes(f'{path}/{self._query}'):
            if node.span.start > start:
                items.append(Item('text', self._text[start : node.span.start]))
            items.append(self._make(self, node))
            start = node.span.stop

        return items if start == end else [*items, Item('text', self._text[start:end])]

    def nodes(self, query: str) -> Iterator[_Node]:
        """Yield the nodes that match an Augeas path, in the order of the text."""
        for path in self._augeas.match(query):
            spans = self._augeas.span(path)[1:]
            yield _Node(path, *(slice(*spans[i : i + 2]) for i in (0, 2, 4)))

    def text(self, part: slice) -> str:
        """A part of the text."""
        return self._text[part]

    def texts(self, query: str) -> tuple[str, ...]:
        """The texts of the values of the nodes that match an Augeas path."""
        return tuple(self._text[node.value] for node in self.nodes(query))

    def _unreadable(self, error: AugeasValueError) -> MailError:
        """The error that says which line stopped the lens."""
        base = '/augeas/text/file/error'
        if not self._augeas.match(base):
            return MailError('config-unreadable.whole', str(error), path=self._path)

        line, column, message, lens = (
            self._augeas.get(f'{base}/{name}') for name in ('line', 'char', 'message', 'lens')
        )
        # A block that is not closed is noticed one line after the last.
        lines = self._text.split('\n')[:-1]
        line = min(int(line), len(lines))
        return MailError(
            'config-unreadable',
            f'{self._path}, line {line}, column {column}: {lines[line - 1]}\n{message} ({lens})',
            path=self._path,
            line=line,
        )


def _main_item(reader: TokenReader, node: _Node) -> Item:
    """A parameter of main.cf."""
    item = Item('setting', key=reader.text(node.label))
    _split(item, reader, node.label.stop, node.span, [node] if node.value.stop else [])
    return item


def _split(item: Item, reader: TokenReader, key_end: int, span: slice, values: list[_Node]) -> None:
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


def _master_item(reader: TokenReader, node: _Node) -> Item:
    """A service of master.cf; its words are the columns after its name and type.

    The places of its words are counted from the start of its text.
    """
    kind, *others = [each.value for each in reader.nodes(f'{node.path}/*')]
    name, start = reader.text(node.value), node.span.start
    return Item(
        'service',
        reader.text(node.span),
        name,
        name=reader.text(kind),
        words=tuple(map(reader.text, others)),
        places=tuple(slice(each.start - start, each.stop - start) for each in others),
    )


def _dovecot_item(reader: TokenReader, node: _Node) -> Item:
    """A setting, include or block of Dovecot's configuration."""
    kind = node.path.rpartition('/')[2].partition('[')[0]
    item = Item(kind, key=unquote(reader.text(node.value)))
    if kind == 'setting':
        _split(item, reader, node.value.stop, node.span, [*reader.nodes(f'{node.path}/value')])
    elif kind == 'include':
        _split(item, reader, node.value.stop, node.span, [node])
        item.key = item.value
    else:
        _split_block(item, reader, node)

    return item


def _split_block(item: Item, reader: TokenReader, node: _Node) -> None:
    """Fill in the lines with the braces and the text between them."""
    item.name = ' '.join(unquote(name) for name in reader.texts(f'{node.path}/name'))
    text = reader.text(node.span)
    first, last = text.index('\n') + 1, text.rindex('\n', 0, -1) + 1
    item.head, item.tail = text[:first], text[last:]
    item.body = reader.pieces(node.path, node.span.start + first, node.span.start + last)


def unquote(text: str) -> str:
    """A word of Dovecot's configuration without its quotes."""
    if not text.startswith('"'):
        return text

    return re.sub(r'\\(.)', r'\1', text[1:-1])


_FORMATS: dict[type[Edit], tuple[str, str, Callable[[TokenReader, _Node], Item]]] = {
    MainCf: ('Freedombox_postfix_main', '*[label() != "#comment"]', _main_item),
    MasterCf: ('Freedombox_postfix_master', 'service', _master_item),
    DovecotConf: (
        'Freedombox_dovecot',
        '*[label() = "setting" or label() = "include" or label() = "block"]',
        _dovecot_item,
    ),
}
