# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages in the shapes of real life, well made and broken, each with the words it holds.

They are made here, byte for byte, by what the standards say and by what mail programs do. Each
begins after its own lines (From, To, Date, Subject, Message-ID), with the rest of its header.
`hidden` are words a reader may see, and which no search of the server can find.
"""

import base64
import quopri
import re
import zlib
from dataclasses import dataclass

_LF = b'\n'


@dataclass(frozen=True)
class Shape:
    """The rest of a message's header, a blank line, and its body, with line feeds."""

    name: str
    rest: bytes
    words: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if b'\n\n' not in self.rest and not self.rest.startswith(b'\n'):
            raise ValueError(f'{self.name}: where does the header end?')


_FIELDS = re.compile(rb'(?:[!-9;-~]+[ \t]*:[^\r]*(?:\r(?!\n)[^\r]*)*\r\n(?:[ \t][^\n]*\n)*)*')


def divided(content: bytes) -> tuple[bytes, bytes]:
    """The header and the body of a message, as Postfix tells them apart."""
    head = _FIELDS.match(content)
    assert head, 'an empty header matches'
    return head[0], content[head.end() :].removeprefix(b'\r\n')


def typed(kind: str, body: bytes, encoding: str = '', *more: str) -> bytes:
    """A part, or the rest of a message, with its type and transfer encoding."""
    lines = [f'Content-Type: {kind}', *more]
    if encoding:
        lines.append(f'Content-Transfer-Encoding: {encoding}')
    return '\n'.join(lines).encode() + b'\n\n' + body


def in_base64(kind: str, content: bytes, *more: str) -> bytes:
    """A part in base64, as attachments come."""
    return typed(kind, base64.encodebytes(content), 'base64', *more)


def quoted(kind: str, text: str, charset: str = 'utf-8') -> bytes:
    """Text in quoted-printable, cut in the middle of words as programs do."""
    written = quopri.encodestring(text.encode(charset))
    return typed(f'{kind}; charset={charset}', written, 'quoted-printable')


def parts(kind: str, *inner: bytes, mark: str = 'next', more: str = '') -> bytes:
    """A message or part of several parts."""
    body = b''.join(f'--{mark}\n'.encode() + each + _LF for each in inner)
    return typed(f'multipart/{kind}; boundary="{mark}"{more}', body + f'--{mark}--\n'.encode())


def whole(rest: bytes) -> bytes:
    """The rest of a message whose header says that it is MIME."""
    return b'MIME-Version: 1.0\n' + rest


def plain(text: str, charset: str = 'utf-8', encoding: str = '8bit', more: str = '') -> bytes:
    """Text as it is."""
    return typed(f'text/plain; charset={charset}{more}', text.encode(charset), encoding)


def _message(subject: str, rest: bytes) -> bytes:
    """A message inside another one."""
    return f'From: A <a@inner.example>\nSubject: {subject}\n'.encode() + rest


def attached(subject: str, rest: bytes) -> bytes:
    """A message as a part of another one."""
    return typed('message/rfc822', _message(subject, rest))


def nested_parts(depth: int, word: str) -> bytes:
    """Text in parts in parts."""
    inner = plain(f'The {word} is at the bottom.\n', 'us-ascii', '7bit')
    for level in range(depth):
        inner = parts('mixed', inner, mark=f'level-{level}')
    return inner


def nested_messages(depth: int, word: str) -> bytes:
    """A message in a message in a message."""
    inner = plain(f'The {word} is at the bottom.\n', 'us-ascii', '7bit')
    for level in range(depth):
        inner = attached(f'inner {level}', inner)
    return inner


_PIXEL = base64.b64decode(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
)


def _letter() -> bytes:
    """A letter as a mail app makes it: text, HTML with a picture, and files."""
    html = '<html><p>Die <b>Quendelbr&uuml;he</b> kocht.</p><img src="cid:p@x"></html>\n'
    return parts(
        'mixed',
        parts(
            'alternative',
            plain('Die Quendelbrühe kocht, sagt Wiebke Zapfenreuter.\n'),
            parts(
                'related',
                typed('text/html; charset=us-ascii', html.encode(), '7bit'),
                in_base64('image/png; name="pixel.png"', _PIXEL, 'Content-ID: <p@x>'),
                mark='related',
                more='; type="text/html"',
            ),
            mark='alternative',
        ),
        in_base64('text/plain; charset=utf-8; name="zettel.txt"', 'Kräuterzwirbel\n'.encode(),
                  'Content-Disposition: attachment; filename="zettel.txt"'),
        in_base64('application/pdf; name="plan.pdf"', _pdf(),
                  "Content-Disposition: attachment; filename*=utf-8''Gartenpl%C3%A4ne.pdf"),
    )  # fmt: skip


def _pdf() -> bytes:
    """A file like a PDF, in which text is compressed."""
    return b'%PDF-1.4\n' + zlib.compress(b'BT (Beetplanung) Tj ET') + b'\n%%EOF\n'


def _invitation(title: str, place: str) -> str:
    """An invitation with a folded line, as RFC 5545 wants it."""
    lines = (
        'BEGIN:VCALENDAR', 'PRODID:-//Shapes//EN', 'VERSION:2.0', 'METHOD:REQUEST', 'BEGIN:VEVENT',
        'UID:shape-1@inner.example', 'DTSTAMP:20261127T100000Z', 'DTSTART:20261205T180000Z',
        'ORGANIZER:mailto:a@inner.example', f'SUMMARY:{title} bei Hedwig',
        f'LOCATION:{place}\\, Stube', 'DESCRIPTION:Bitte Becher und warme So\n cken mitbringen',
        'END:VEVENT', 'END:VCALENDAR', '',
    )  # fmt: skip
    return '\n'.join(lines)


def _tnef(text: bytes) -> bytes:
    """A file `winmail.dat` as Outlook writes it (MS-OXTNEF), with a body of its own."""

    def attribute(level: int, number: int, data: bytes) -> bytes:
        head = bytes([level]) + number.to_bytes(4, 'little') + len(data).to_bytes(4, 'little')
        return head + data + (sum(data) & 0xFFFF).to_bytes(2, 'little')

    version, body = 0x00089006, 0x0002800C
    stream = (0x223E9F78).to_bytes(4, 'little') + b'\x01\x00'
    stream += attribute(1, version, (0x00010000).to_bytes(4, 'little'))
    stream += attribute(1, body, text + b'\0')
    return stream + attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, b'note.txt\0')


def _alternatives() -> tuple[Shape, ...]:
    card = 'BEGIN:VCARD\nVERSION:3.0\nFN:Ottokar Blümchenwald\nEND:VCARD\n'
    return (
        Shape('a letter with a picture and files', whole(_letter()),
              ('Zapfenreuter', 'quendelbrühe', 'Kräuterzwirbel', 'zettel.txt'), ('Beetplanung',)),
        Shape('HTML alone, with entities',
              whole(typed('text/html', b'<p>Gr&#252;zw&uuml;rfel <i>kn&ouml;dlig</i>\n', '7bit')),
              ('Grüzwürfel', 'knödlig')),
        Shape('an invitation', whole(parts(
            'alternative', plain('You are invited.\n'),
            typed('text/calendar; charset=utf-8; method=REQUEST',
                  _invitation('Glühweinprobe', 'Schnatterhof').encode(), '8bit'))),
              ('Glühweinprobe', 'Schnatterhof'), ('Socken',)),
        Shape('an invitation in base64', whole(in_base64(
            'text/calendar; charset=utf-8; method=REQUEST; component=VEVENT',
            _invitation('Kürbisfest', 'Obstwiese').encode())), ('Kürbisfest',)),
        Shape('a card of an address book', whole(parts('mixed', plain('My card\n'), in_base64(
            'text/vcard; charset=utf-8; name="card.vcf"', card.encode()))), ('Blümchenwald',)),
        Shape('winmail.dat', whole(parts('mixed', plain('Siehe Wisperbeilage.\n'), in_base64(
            'application/ms-tnef; name="winmail.dat"', _tnef(b'Inside is a Murmelkiste.'),
            'Content-Disposition: attachment; filename="winmail.dat"'))),
              ('Wisperbeilage', 'winmail.dat'), ('Murmelkiste',)),
        Shape('pictures and voice alone', whole(in_base64('audio/ogg; name="Brummton.ogg"',
                                                          b'OggS\0\0' * 900)), ('Brummton.ogg',)),
    )  # fmt: skip


def _texts() -> tuple[Shape, ...]:
    flowed = (
        'Paragraphs flow over \nmany lines, as in Klapperfluss. \n>> quoted \n> less\n  stuffed\n'
        '-- \nsign\n'
    )
    long = 'Das Wort Sommerfrischeklappstuhl ' * 40 + '=== und Nachtlampenöl\n'
    return (
        Shape('format=flowed', whole(plain(
            flowed, 'us-ascii', '7bit', '; format=flowed; delsp=yes')),
              ('Klapperfluss',)),
        Shape('8-bit in UTF-8', whole(plain('Zwölf Böxle auf dem Brückle, Θάλασσα, жемчужинка\n')),
              ('Brückle', 'Θάλασσα', 'жемчужинка')),
        Shape('8-bit in Latin 1', whole(plain('Fünf Hühnerkörble\n', 'iso-8859-1')),
              ('Hühnerkörble',)),
        Shape('quoted-printable in long lines', whole(quoted('text/plain', long)),
              ('Sommerfrischeklappstuhl', 'Nachtlampenöl')),
        Shape('text in base64 in one line', whole(typed(
            'text/plain; charset=utf-8', base64.b64encode('Ein Zimtsternmörser '.encode() * 400)
            + b'\n', 'base64')), ('Zimtsternmörser',)),
        Shape('text without any word about MIME', b'\nPlain old Quasselstrippenpost.\n',
              ('Quasselstrippenpost',)),
        Shape('lines that look like others', whole(plain(
            '.\n..\n.dot\nFrom the Frommholz\n>From x\nSubject: no\n--next\n\n\n- -- \ntail \t \n\n'
            )), ('Frommholz',)),
        Shape('no body', b'MIME-Version: 1.0\nX-Empty: Leerlaufkasten\n\n', ()),
        Shape('UUencode', b'\nSee the Altpapierfile\nbegin 644 a.txt\n'
              + b"#0V%T\n`\nend\n", ('Altpapierfile',)),
    )  # fmt: skip


_CHARSETS = (
    ('iso-2022-jp', '7bit', '塩辛い 煎餅 屋さん\n', ('煎餅', '塩辛い')),
    ('shift_jis', 'base64', '夕焼小焼 赤蜻蛉\n', ('赤蜻蛉',)),
    ('koi8-r', '8bit', 'Съешь ещё этих мягких булочек\n', ('булочек', 'мягких')),
    ('windows-1251', 'quoted-printable', 'Голубоглазка пьёт чаёк\n', ('Голубоглазка',)),
    (
        'windows-1252',
        '8bit',
        '„Pfützenhüpfer“ 5 € für den Œuvreband…\n',
        ('Pfützenhüpfer', 'Œuvreband'),
    ),
    ('iso-8859-15', '8bit', 'Œufrier à 3 €\n', ('Œufrier',)),
    ('iso-8859-2', 'quoted-printable', 'Zażółć gęślą jaźń\n', ('jaźń', 'gęślą')),
    ('utf-16', 'base64', 'Breitbuchstabensuppe köchelt\n', ('Breitbuchstabensuppe', 'köchelt')),
    ('utf-16be', 'base64', 'Großendianermütze\n', ('Großendianermütze',)),
    ('gb18030', 'base64', '糖葫芦 很甜\n', ('糖葫芦',)),
    ('big5', '8bit', '豆腐花 好吃\n', ('豆腐花',)),
    ('euc-kr', '8bit', '호떡집 만두\n', ('호떡집',)),
    ('iso-8859-8', '8bit', 'שוקולדה חמה\n', ('שוקולדה',)),
    ('windows-1256', 'base64', 'مشمشية لذيذة\n', ('مشمشية',)),
    ('tis-620', '8bit', 'มะม่วงหวาน\n', ('มะม่วงหวาน',)),
    (
        'utf-8',
        'base64',
        '昨日駅前の小さな店で焼きたてのどら焼きをたくさん買って帰りました。\n',
        ('どら焼き',),
    ),
    ('utf-8', '8bit', 'เมื่อวานฉันกินขนมครกกับเพื่อนที่ตลาดน้ำ\n', ('ขนมครก',)),
    (
        'utf-8',
        'quoted-printable',
        'Чудо рентгеноэлектрокардиографического аппарата\n',
        ('рентгеноэлектрокардиографического', 'кардиографическ'),
    ),
    ('utf-7', '7bit', 'Altbrötchenkorb\n', ('Altbrötchenkorb',)),
)


def _encoded(charset: str, encoding: str, text: str) -> bytes:
    content = text.encode(charset.replace('tis-620', 'tis_620'))
    if encoding == 'base64':
        return in_base64(f'text/plain; charset={charset}', content)
    if encoding == 'quoted-printable':
        return quoted('text/plain', text, charset)
    return typed(f'text/plain; charset={charset}', content, encoding)


def _charsets() -> tuple[Shape, ...]:
    return tuple(
        Shape(f'{charset} as {encoding}', whole(_encoded(charset, encoding, text)), words)
        for charset, encoding, text, words in _CHARSETS
    )


def _signed() -> tuple[Shape, ...]:
    begin, end = '-----BEGIN PGP', '-----END PGP'
    armour = f'{begin} MESSAGE-----\n\nhQEMA1Geheimnistraeger\n=abcd\n{end} MESSAGE-----\n'
    signature = f'{begin} SIGNATURE-----\n\niQEzBAEB\n=abcd\n{end} SIGNATURE-----\n'
    clear = f'{begin} SIGNED MESSAGE-----\nHash: SHA256\n\nSiegelwachskoch  \n- - x\n{signature}'
    return (
        Shape('PGP/MIME, signed', whole(parts(
            'signed', quoted('text/plain', 'From here, a Petschaftgriff: \t \n'),
            typed('application/pgp-signature; name="signature.asc"', signature.encode()),
            more='; protocol="application/pgp-signature"; micalg=pgp-sha256')),
              ('Petschaftgriff',)),
        Shape('PGP/MIME, encrypted', whole(parts(
            'encrypted', typed('application/pgp-encrypted', b'Version: 1\n'),
            typed('application/octet-stream; name="encrypted.asc"', armour.encode()),
            more='; protocol="application/pgp-encrypted"')), (), ('Geheimnistraeger',)),
        Shape('PGP in the text', whole(plain(clear)), ('Siegelwachskoch',)),
    )  # fmt: skip


def _inner() -> tuple[Shape, ...]:
    status = (
        'Reporting-MTA: dns; mx.inner.example\n\nFinal-Recipient: rfc822; nie@inner.example\n'
        'Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 Karteileiche\n'
    )
    forwarded = parts('mixed', plain('Unten die Großmuttersuppe.\n'), mark='inner')
    return (
        Shape('a forwarded message', whole(parts('mixed', plain('See below.\n'),
              attached('=?utf-8?q?H=C3=BChnerleiter?=', forwarded))),
              ('Großmuttersuppe', 'Hühnerleiter')),
        Shape('a message in base64, against the rules', whole(parts('mixed', in_base64(
            'message/rfc822', _message('x', plain('Das Verbotenkistchen\n'))))), (),
              ('Verbotenkistchen',)),
        Shape('a digest', whole(parts('digest', *(
            b'\n' + _message(f'n{n}', plain(f'Rundbriefwort{n}\n')) for n in range(5)))),
              ('Rundbriefwort0', 'Rundbriefwort4')),
        Shape('a notice of non-delivery', whole(parts(
            'report', plain('Could not be delivered.\n'),
            typed('message/delivery-status', status.encode()),
            typed('text/rfc822-headers', b'Subject: Unzustellbarbrief\n'),
            more='; report-type=delivery-status')), ('Karteileiche', 'Unzustellbarbrief')),
        Shape('parts, 50 deep', whole(nested_parts(50, 'Tiefseegrabenfisch')),
              ('Tiefseegrabenfisch',)),
        Shape('messages, 50 deep', whole(nested_messages(50, 'Matrjoschkakern')),
              ('Matrjoschkakern',)),
        Shape('a part of a message', whole(typed(
            'message/partial; id="p@x"; number=2; total=3', b'das zweite Teilstueckchen\n')), ()),
    )  # fmt: skip


def _headers() -> tuple[Shape, ...]:
    ids = '\n '.join(f'<thread{number}.{"x" * 40}@inner.example>' for number in range(800))
    many = ''.join(f'X-Note-{number}: a line of the header\n' for number in range(1000))
    folded = '\n '.join(['Betreffwort'] * 300)
    return (
        Shape('words in an encoded header', b'Comments: =?koi8-r?B?' + base64.b64encode(
            'Привет Самоварчик'.encode('koi8-r')) + b'?=\nX-Topic: =?iso-8859-1?Q?G=FCrtelt=FCrm?='
              b'\n =?iso-8859-1?Q?chen?=\n\nbody\n', ('Самоварчик', 'Gürteltürmchen')),
        Shape('letters of a header without a code', 'Comments: Rohkostgemüse\n\nbody\n'.encode(),
              ('Rohkostgemüse',)),
        Shape('references of 55 KB', f'References: {ids}\n\nEin Endlosfaden\n'.encode(),
              ('Endlosfaden',)),
        Shape('a thousand lines of header', many.encode() + b'\nDas Kopflastigkeitsmass\n',
              ('Kopflastigkeitsmass',)),
        Shape('a line of header folded 300 times',
              f'Comments: {folded}\n\nFaltenrockfabrik\n'.encode(),
              ('Faltenrockfabrik',)),
        Shape('a line of header of 20 KB', b'X-Long: ' + b'x' * 20_000 + b'\n\nBandwurmwort\n',
              ('Bandwurmwort',)),
    )  # fmt: skip


def _broken() -> tuple[Shape, ...]:
    text = plain('A Bruchstückwagen\n')
    return (
        Shape('parts that never end', whole(parts('mixed', text).rpartition(b'--next--')[0]
              + b'Restpostenlager\n'), ('Bruchstückwagen',)),
        Shape('a boundary that never comes', whole(typed('multipart/mixed; boundary=never',
              b'Only a Vorwortgedanke\n')), (), ('Vorwortgedanke',)),
        Shape('parts without a boundary', whole(typed('multipart/mixed', b'Grenzenlosigkeit\n')),
              (), ('Grenzenlosigkeit',)),
        Shape('one boundary for both levels', whole(parts('mixed', parts('mixed', plain(
            'Doppelgrenzgaenger\n')), plain('Hinterherhinker\n'))),
              ('Doppelgrenzgaenger', 'Hinterherhinker')),
        Shape('an unknown charset', whole(typed(
            'text/plain; charset=klingon', b'Sternflottenbrot\n')),
              ('Sternflottenbrot',)),
        Shape('UTF-8 called US-ASCII', whole(typed('text/plain; charset=us-ascii',
              'Lügenbäckerei\n'.encode(), '7bit')), ('Lügenbäckerei',)),
        Shape('an unknown transfer encoding', whole(typed('text/plain', b'Geheimpackpapier\n',
              'x-rot13')), (), ('Geheimpackpapier',)),
        Shape('signs in base64 that do not belong there', whole(typed('text/plain', b'\n'.join((
            base64.b64encode(b'Der Stolperdraht '), b'!!', base64.b64encode(b'und mehr'), b'')),
            'base64')), ('Stolperdraht',)),
        Shape('errors in quoted-printable', whole(typed('text/plain',
              b'Fehler =ZZ =C und =\nSchlusslichterkette =', 'quoted-printable') + b'\n'),
              ('Schlusslichterkette',)),
        Shape('a type that means nothing', whole(typed('text', b'Typenloser Schuhkarton\n')), ()),
        Shape('a header that ends with a text', b'X-First: 1\nThis is no header Kopfloswort\n'
              b'X-Second: 2\n\nbody\n', ()),
        Shape('an encoded word that is none',
              b'Comments: =?utf-8?B?!!?= =?x?y?=\n\nWortbruchbude\n',
              ('Wortbruchbude',)),
        Shape('text before and after the parts', whole(typed('multipart/mixed; boundary=b',
              b'Vorspannwort\n--b\n\nMittelbauwort\n--b--\nAbspannwort\n')),
              ('Mittelbauwort',), ()),
    )  # fmt: skip


ALL = (*_alternatives(), *_texts(), *_charsets(), *_signed(), *_inner(), *_headers(), *_broken())
