"""`make slides`: a reveal.js deck for each lesson in build/slides/, made from its notebook. Open
build/slides/index.html: no server, no network.

The slides come by rule, so no lesson needs marks. A heading names the slides below it. A cell of
code with an output is a slide: one sentence of the prose before it, the code, what came out.
`**Before you run this:**` asks the room on a slide of its own. A list, a table and a bold sentence
are slides; so are an exercise and a question of the quiz (its answer is in the speaker's notes).
Drawing code, imports and promises are told in the notes, and so is all the prose of the lesson,
with what cells tagged `instructor` say ("For you"). Solutions are nowhere. Where the rule chooses
badly, the cell's metadata decides: {"slideshow": {"slide_type": "slide" | "fragment" | "notes" |
"skip"}}.
"""

import argparse
import base64
import functools
import html
import importlib.util
import io
import re
import shutil
import string
import time
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import nbformat
from PIL import Image

from course.book import headed, in_book, plain, words_for
from course.common import BUILD, ROOT, Complaint, run, say, short

NEEDS = {
    'sphinx_revealjs': 'sphinx-revealjs',
    'markdown_it': 'markdown-it-py',
    'mdit_py_plugins': 'mdit-py-plugins',
    'pygments': 'pygments',
    'latex2mathml': 'latex2mathml',
}
FONTS = 'dist/theme/fonts/source-sans-pro'
SHARED = {
    **{f'dist/{name}': name for name in ('reset.css', 'reveal.css', 'reveal.js')},
    'plugin/notes/notes.js': 'notes.js',
    'LICENSE': 'LICENSE-reveal.js',
    **{
        f'{FONTS}/source-sans-pro-{cut}.woff': f'fonts/source-sans-pro-{cut}.woff'
        for cut in ('regular', 'italic', 'semibold', 'semibolditalic')
    },
    f'{FONTS}/LICENSE': 'fonts/LICENSE-source-sans-pro',
}
WIDTH = 1152  # of a slide's 1280 points, what its margins leave
SOURCE = ROOT / 'docs' / '_slides'
TABLE = re.compile(r'<table\b.*?</table>', re.S)


# --- words


@functools.cache
def markdown():
    "The reader of Markdown: tables, and formulas as MathML, which browsers draw by themselves."
    from latex2mathml.converter import convert
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    def formula(tex, options):
        try:
            made = convert(tex, display='block' if options['display_mode'] else 'inline')
        except Exception as wrong:
            raise Complaint(
                f'This formula cannot be turned into MathML: {tex} ({wrong}).'
            ) from None
        return made

    return (
        MarkdownIt('commonmark', {'html': True})
        .enable('table')
        .use(dollarmath_plugin, renderer=formula, allow_space=False)
    )


def unlinked(words):
    return re.sub(
        r'(?<!!)\[([^\]]*)\]\((?!https?:)[^)]*\)',
        r'\1',
        re.sub(r'<!--.*?-->', '', words, flags=re.S),
    )


def inline(words):
    return re.sub(r'</?a\b[^>]*>', '', markdown().renderInline(words))


def rendered(words):
    return markdown().render(unlinked(words))


def sentences(paragraph):
    """A paragraph's sentences with their marks; brackets that explain, links and line breaks left
    out."""
    kept = []
    hide = lambda m: kept.append(m[0]) or f'\x01{len(kept) - 1}\x02'
    words = re.sub(
        r'!?\[([^\]]*)\]\([^)]*\)',
        r'\1',
        re.sub(r'(`+)(?!`).+?(?<!`)\1(?!`)|\$[^$\n]+\$', hide, paragraph, flags=re.S),
    )
    words = ' '.join(re.sub(r'<!--.*?-->|<[^>]+>', '', words, flags=re.S).split())
    while (shorter := re.sub(r'\s*\([^()]*\)', '', words)) != words:
        words = shorter
    words = re.sub(r'(?<!\.)\.\.(?!\.)', '.', words)
    said = []
    for piece in re.sub(r'([.!?]["”’\'*]*)\s+(?=[A-ZÀ-Ž0-9"“\x01*_])', '\\1\n', words).split('\n'):
        if said and (
            said[-1].count('*') % 2
            or said[-1].count('**') % 2
            or re.search(r'\b([A-Z]|e\.g|i\.e|vs|cf|Dr|Mr|Ms|St|No)\.$', said[-1])
        ):
            said[-1] += f' {piece}'
        else:
            said.append(piece)
    return [
        re.sub('\x01(\\d+)\x02', lambda m: kept[int(m[1])], sentence).strip()
        for sentence in said
        if sentence.strip(' *')
    ]


CUE = re.compile(r'(Now|Next|Here|Then|Let us|Look|First|For|The next|The same|This|These)\b')


def leading(every, code=''):
    """Which of a paragraph's sentences leads to what comes: the last, if it asks or ends with a
    colon; one with a bold word; one that names what `code` calls; `Now ...`."""
    if (
        every[-1][-1] in ':?'
        and len(every[-1]) > 14
        and not any('**' in sentence for sentence in every)
    ):
        return len(every) - 1
    calls = lambda sentence: any(
        re.search(rf'\b{word}\b', code) for word in re.findall(r'`(\w+)`', sentence)
    )
    return next(
        (
            i
            for test in (lambda sentence: '**' in sentence, calls, CUE.match)
            for i, sentence in enumerate(every)
            if test(sentence)
        ),
        None,
    )


def gist(paragraph, code='', last=False, opens=False, least=30, most=150):
    """The sentence that stands for a paragraph: the one that leads on, else the first (or last);
    with its neighbour when it is very short."""
    every = sentences(paragraph)
    if not every:
        return ''
    at = (
        len(every) - 1
        if last
        else (
            next((i for i, sentence in enumerate(every) if '**' in sentence), 0)
            if opens
            else leading(every, code) or 0
        )
    )
    chosen = every[at]
    if (
        chosen.endswith(':')
        and at
        and every[at - 1].endswith('?')
        and len(chosen) + len(every[at - 1]) < 100
    ):
        chosen = f'{every[at - 1]} {chosen}'
    while (
        len(plain(chosen)) < least
        and at + 1 < len(every)
        and len(chosen) + len(every[at + 1]) < most
    ):
        at += 1
        chosen += ' ' + every[at]
    if len(plain(chosen)) < least and at + 1 < len(every):
        chosen = every[at + 1]
    elif len(plain(chosen)) < min(least, 18) and at and len(chosen) + len(every[at - 1]) < most:
        chosen = f'{every[at - 1]} {chosen}'
    if len(plain(chosen)) > most:
        ends = [
            m.start()
            for m in re.finditer(r'[:;]\s', chosen)
            if m.start() > 40
            and chosen[: m.start()].count('`') % 2 == chosen[: m.start()].count('*') % 2 == 0
        ]
        chosen = chosen[: ends[0]] + '.' if ends else chosen
    return re.sub(r':$', '', chosen)


def item(words):
    "A point of a list, for a slide: its first sentence, or two when the first is short."
    every = sentences(words.replace('\n', ' ')) or [words]
    return every[0] if len(plain(every[0])) > 24 or len(every) < 2 else f'{every[0]} {every[1]}'


def essence(paragraphs, most=300):
    "What an exercise asks, in a few sentences: all of them when they fit, else those that ask."
    every = [
        sentence
        for words in paragraphs
        for sentence in sentences(words)
        if not re.match(r'(To warm up|This one is open)', sentence)
    ]
    if sum(len(plain(sentence)) for sentence in every) > most:
        asks = [
            s
            for s in every
            if s.endswith('?')
            or re.match(
                r'(Now |Then |First'
                r' )?(Write|Make|Return|Replace|Set|Draw|Choose|Look|Take|Train|Change|Put|Fill|Ask|Sort|Give|Say|Find|Count)\b',
                s,
            )
        ]
        kept, room = set(), most
        for sentence in asks or every:
            if len(plain(sentence)) <= room or not kept:
                kept.add(sentence)
                room -= len(plain(sentence))
        every = [sentence for sentence in every if sentence in kept]
    return ' '.join(every)


def insight(paragraph):
    """A sentence the author set in bold, as (title, words): one of at least six words, or a short
    one that opens a paragraph and the sentence after it."""
    every = sentences(paragraph)
    for i, sentence in enumerate(every):
        for bold in re.findall(r'\*\*(.+?)\*\*', sentence):
            rest = sentence[len(bold) + 4 :].strip() or next(iter(every[1:]), '')
            if (
                i == 0
                and sentence.startswith(f'**{bold}**')
                and bold[-1] in '.!?'
                and rest
                and len(bold.split()) < 9
            ):
                return bold, rest
            if len(bold.split()) >= 6:
                return '', sentence if len(plain(sentence)) < 150 else bold[0].upper() + bold[1:]
    return None


def blocks(source):
    """A cell's Markdown as (kind, words) in order: heading1 to heading6, paragraph, list, table,
    fence, picture, prediction, formula, quote, html, details."""
    lines, found = source.splitlines(), []
    for token in markdown().parse(source):
        if token.level or not token.map or token.nesting < 0:
            continue
        words = '\n'.join(lines[token.map[0] : token.map[1]]).strip()
        kind = {
            'paragraph_open': 'paragraph',
            'bullet_list_open': 'list',
            'ordered_list_open': 'list',
            'table_open': 'table',
            'fence': 'fence',
            'code_block': 'fence',
            'blockquote_open': 'quote',
            'html_block': 'html',
            'math_block': 'formula',
        }.get(token.type, 'html')
        if token.type == 'heading_open':
            kind, words = f'heading{token.tag[1]}', words.lstrip('# ').strip()
        elif kind == 'paragraph' and words.startswith('!['):
            kind = 'picture'
        elif kind == 'paragraph' and re.match(r'\*\*Before you run', words):
            kind = 'prediction'
        if found and '<details' in found[-1][1] and '</details>' not in found[-1][1]:
            found[-1] = ('details', f'{found[-1][1]}\n\n{words}')
        else:
            found.append(('details' if '<details' in words else kind, words))
    return found


def points(words):
    "The points of a Markdown list, each with what is indented below it."
    return [
        re.sub(r'^\s*(?:[-*+]|\d+[.)])\s+', '', point).strip()
        for point in re.split(r'\n(?=(?:[-*+]|\d+[.)])\s)', words)
    ]


# --- code, tables, pictures


def rows_of(line, columns):
    return (
        1
        if len(line) <= columns
        else 1 + -(-(len(line) - columns) // max(columns - len(line) + len(line.lstrip()) - 4, 8))
    )


def high(words, size, width=WIDTH, leading=1.25):
    return -(-len(plain(words)) * 0.475 * size // width) * size * leading


def coloured(code, width=WIDTH, height=560, sizes=(32, 30, 28, 26, 24, 22)):
    """Python as HTML in the largest type that fits, a line in a span so that a long one can hang;
    how high it is, and whether it fits."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    lines = [line.rstrip() for line in code.split('\n')]
    # a line that goes on below an open bracket, far to the right
    for n, line in enumerate(lines[1:], 1):
        if (
            len(line) - len(line.lstrip())
            > (before := len(lines[n - 1]) - len(lines[n - 1].lstrip())) + 8
        ):
            lines[n] = ' ' * (before + 4) + line.lstrip()
    columns = lambda size: int((width - 44) / (0.603 * size))
    need = lambda size: sum(rows_of(line, columns(size)) for line in lines) * size * 1.42 + 32
    whole = [
        size
        for size in sizes
        if size >= 24 and max(map(len, lines)) <= columns(size) and need(size) <= height
    ]
    size = next(
        iter(whole or [size for size in sizes if size <= 26 and need(size) <= height]), sizes[-1]
    )
    made = highlight(
        '\n'.join(lines), PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True)
    ).split('\n')
    made = [
        (
            re.sub(r'(<span class="[op]">[^<]*[.(]</span>)', r'\1<wbr>', html_)
            if max(map(len, line.split() or [''])) > 30
            else html_
        )
        for line, html_ in zip(lines, made)
    ]
    hang = lambda line: 4 + len(line) - len(line.lstrip())
    spans = (
        '<span class="line"'
        f' style="padding-left:{hang(line)}ch;text-indent:-{hang(line)}ch">{shown}</span>'
        for line, shown in zip(lines, made)
    )
    return (
        f'<pre class="code" style="font-size:{size}px">{"".join(spans)}</pre>',
        need(size),
        need(size) <= height,
    )


def noted(code):
    return coloured(code, sizes=(16,))[0]


def text_out(words, height, sizes=(32, 30, 28, 26, 24, 22)):
    """Text that came out, as HTML, and how high it is: cut to what fits, three dots for the rest.
    Up to three lines may wrap, more are cut at the edge."""
    lines = words.strip('\n').split('\n')
    fits = lambda size: (
        int((WIDTH - 47) / (0.603 * size)),
        max(2, int((height - 8) // (size * 1.42))),
    )
    whole = [
        size
        for size in sizes
        if max(map(len, lines)) <= fits(size)[0] and len(lines) <= fits(size)[1]
    ]
    size = next(
        iter(
            whole
            or [
                size
                for size in sizes
                if size <= 26
                and sum(rows_of(line, fits(size)[0]) for line in lines) <= fits(size)[1]
                and len(lines) <= 3
            ]
        ),
        sizes[-1],
    )
    columns, most = fits(size)
    kept, used = [], 0
    for n, line in enumerate(lines):
        free = most - used - (n + 1 < len(lines))
        if free < 1:
            kept.append('…')
            break
        room = columns * (1 if len(lines) > 3 else min(free, 4))
        kept.append(line if len(line) <= room else line[: room - 2].rstrip() + ' …')
        used += 1 if len(lines) > 3 else rows_of(kept[-1], columns)
    return (
        f'<pre class="out" style="font-size:{size}px">{html.escape(chr(10).join(kept))}</pre>',
        min(used + 1, most) * size * 1.42 + 8,
    )


class Rows(HTMLParser):
    "The rows of an HTML table, the heading first: a list of lists of words."

    def __init__(self, words):
        super().__init__()
        self.rows, self.headings, self.inside = [], 0, False
        self.feed(words)
        # pandas gives the index's name a row of its own
        if self.headings == 2:
            self.rows[:2] = [[b or a for a, b in zip(*self.rows[:2])]]

    def handle_starttag(self, tag, attrs):
        if tag == 'tr':
            self.rows.append([])
        if tag in ('td', 'th') and self.rows:
            self.inside = True
            self.rows[-1].append('')

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] = ' '.join(f'{self.rows[-1][-1]} {data}'.split())

    def handle_endtag(self, tag):
        if tag in ('td', 'th'):
            self.inside = False
        if tag == 'thead':
            self.headings = len(self.rows)


def coarse(words):
    return f'{float(words):.3f}' if re.fullmatch(r'-?\d+\.\d{4,}', words) else words


def is_number(words):
    return bool(re.fullmatch(r'[-+]?[\d.,]+ ?%?', plain(words)))


def chunks(heights, most):
    """Cut a run of heights into the fewest pieces that are no higher than `most`, of about equal
    height: where each begins and ends."""
    for count in range(1, len(heights) + 1):
        ends, used = [], 0
        for n, height in enumerate(heights):
            if used and used + height > min(most, max(sum(heights) / count * 1.12, *heights)):
                ends.append(n)
                used = 0
            used += height
        if len(ends) < count:
            break
    return list(zip([0, *ends], [*ends, len(heights)]))


def tables(head, rows, height, pages=True):
    """A table as [(HTML, how high)], in the largest type that fits; on several slides when there
    are many rows, or with three dots before the last (pages=False)."""
    columns, length = range(len(head)), lambda words: len(plain(words))
    numbers = [bool(rows) and all(is_number(row[j]) or not row[j] for row in rows) for j in columns]
    longest = [max(length(row[j]) for row in [head, *rows]) for j in columns]
    word = [
        max(
            len(bit)
            for row in [head, *rows]
            for bit in re.split(r'[\s_.,=(-]', plain(row[j])) or ['']
        )
        + 1.5
        for j in columns
    ]
    weights = [
        max(sum(length(row[j]) for row in rows) / max(1, len(rows)), longest[j] ** 0.8, 3) ** 0.8
        for j in columns
    ]

    def measured(size):
        wide = sum(longest) * 0.52 * size + 28 * len(head) > WIDTH
        least = [bit * 0.52 * size + 28 for bit in word]
        spare = max(0, WIDTH - sum(least))
        widths = [low + spare * w / sum(weights) for low, w in zip(least, weights)]
        deep = lambda row: (
            max(
                1 + int(length(words) * 0.485 * size // (w - 28)) if wide else 1
                for words, w in zip(row, widths)
            )
            * size
            * 1.3
            + 13
        )
        return (
            widths if wide else None,
            deep(head) if any(head) else 0,
            [deep(row) for row in rows],
            wide and sum(least) > WIDTH,
        )

    for size in (30, 28, 26, 24, 22):
        widths, top, deep, cramped = measured(size)
        if top + sum(deep) <= height and not cramped:
            break
    parts = [(0, len(rows))]
    if top + sum(deep) > height and pages:
        for size in (26, 24, 22):
            widths, top, deep, cramped = measured(size)
            parts = chunks(deep, height - top)
            if not cramped and len(parts) == len(chunks(measured(22)[2], height - measured(22)[1])):
                break
    elif top + sum(deep) > height:
        fit = max(
            1,
            sum(
                top + sum(deep[:n]) + size * 1.3 + 13 + deep[-1] <= height
                for n in range(1, len(rows) - 1)
            ),
        )
        rows = [*rows[:fit], ['…'] + [''] * (len(head) - 1), rows[-1]]
        deep = measured(size)[2][: len(rows)]
        parts = [(0, len(rows))]
    cell = lambda tag, words, j: (
        f'<{tag}{" class=number" if numbers[j] else ""}>{inline(words).replace("_", "_<wbr>")}</{tag}>'
    )
    cols = (
        ''.join(f'<col style="width:{100 * w / sum(widths):.1f}%">' for w in widths)
        if widths
        else ''
    )
    line = lambda tag, row: (
        f'<tr>{"".join(cell(tag, words, j) for j, words in enumerate(row))}</tr>'
    )
    top_row = headed(f'<thead>{line("th", head)}</thead>') if any(head) else ''
    return [
        (
            (
                f'<table{" class=wide" if widths else ""}'
                f' style="font-size:{size}px">{cols}{top_row}<tbody>{"".join(line("td", row) for row in rows[a:b])}</tbody></table>'
            ),
            top + sum(deep[a:b]),
        )
        for a, b in parts
    ]


def lists(kind, every, height):
    "Points as [(HTML, how high)], in the largest type that fits, on as many slides as they need."
    deep = lambda point, size: high(point, size, WIDTH - 1.2 * size, 1.3) + 16
    sizes = (38, 36, 34, 32, 30, 28)
    cut = {size: chunks([deep(point, size) for point in every], height) for size in sizes}
    size = next(size for size in sizes if len(cut[size]) == len(cut[sizes[-1]]))
    parts = cut[size]
    return [
        (
            f'<{kind}{f" start={a + 1}" if a and kind == "ol" else ""} style="font-size:{size}px">'
            + ''.join(f'<li>{inline(point)}</li>' for point in every[a:b])
            + f'</{kind}>',
            sum(deep(point, size) for point in every[a:b]),
        )
        for a, b in parts
    ]


def markdown_rows(words):
    "A Markdown table's heading and rows; a bar inside code is no border."
    split = lambda line: [
        cell.strip().replace(r'\|', '|') for cell in re.split(r'(?<!\\)\|', line.strip().strip('|'))
    ]
    lines = words.strip().splitlines()
    return split(lines[0]), [split(line) for line in lines[2:]]


class Out:
    """What a cell shows, for a slide: its kind ('' for nothing), what it takes at least, how wide
    for its height, and `make(height)` -> [(HTML, how high)]."""

    def __init__(self, kind='', make=None, least=0, aspect=0, paged=False, width=WIDTH):
        self.kind = kind
        self.make = make
        self.least = least
        self.aspect = aspect
        self.paged = paged
        self.width = width


def kept_picture(encoded, kind, alt, stem, shared):
    """Keep a picture as a file beside the decks; its HTML, at most 2.2 times its own size, and how
    wide it is for its height."""
    raw = base64.b64decode(encoded)
    path = (
        shared
        / 'pictures'
        / f'{stem}.{"jpg" if "jp" in kind else kind.split("/")[-1].split("+")[0]}'
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    try:
        with Image.open(io.BytesIO(raw)) as picture:
            w, h = picture.size
    except OSError:
        w, h = WIDTH, 560  # SVG has any size
    return (
        (
            f'<div class="picture"><img src="shared/pictures/{path.name}" alt="{html.escape(alt)}"'
            f' style="max-width:{2.2 * w:.0f}px;max-height:{2.2 * h:.0f}px"></div>'
        ),
        w / h,
    )


def output(cell, alt, stem, shared):
    """The one output of a cell that counts on a slide: a picture, a table, an error's last line, or
    text, cut short."""
    text, best = '', Out()
    for n, out in enumerate(cell.get('outputs', [])):
        data = out.get('data', {})
        picture = next(
            (kind for kind in ('image/png', 'image/jpeg', 'image/svg+xml') if kind in data), None
        )
        if out.output_type == 'error':
            text += (
                out.evalue
                if re.match(r'\s*(What happened|\w+Error)', out.evalue)
                else f'{out.ename}: {out.evalue}'
            )
        elif out.output_type == 'stream':
            text += out.text if out.name == 'stdout' else ''
        elif picture:
            raw = (
                data[picture]
                if picture != 'image/svg+xml'
                else base64.b64encode(data[picture].encode()).decode()
            )
            made, aspect = kept_picture(raw, picture, alt, f'{stem}-{n}' if n else stem, shared)
            best = Out('picture', lambda height, made=made: [(made, 0)], 260, aspect)
        elif 'text/markdown' in data and not best.kind:
            found = [words for kind, words in blocks(data['text/markdown']) if kind == 'table']
            if found:
                best = tabled(*markdown_rows(found[0]))
            else:
                text += plain(data['text/markdown'])
        elif (found := TABLE.search(data.get('text/html', ''))) and not best.kind:
            rows = [
                [coarse(words).replace('*', r'\*').replace('_', r'\_') for words in row]
                for row in Rows(found[0]).rows
            ]
            if len(rows) > 1 and len({len(row) for row in rows}) == 1:
                best = tabled(rows[0], rows[1:])
        elif 'application/javascript' not in data:
            text += data.get('text/plain', '') + '\n'
    if (
        best.kind
        or not text.strip()
        or re.fullmatch(r'<[\w. ]+>|\s*<[\w.]+ (object )?at .*>', text.strip())
    ):
        return best
    return Out(
        'text',
        lambda height: [text_out(text, height)],
        min(6, sum(rows_of(line, 80) for line in text.strip().split('\n'))) * 32 + 8,
    )


def tabled(head, rows):
    """An output's table: long cells cut to their first sentence, many columns to the outer six; one
    of words may take slides of its own."""

    def brief(words):
        first = next(iter(sentences(words)), words)
        return (
            words
            if len(words) < 95
            else first
            if len(first) < 150
            else first[:140].rsplit(' ', 1)[0] + ' …'
        )

    rows = [[brief(words) for words in row] for row in rows]
    if len(head) > 8:
        head, *rows = [[*row[:4], '…', *row[-3:]] for row in [head, *rows]]
    words = max(len(words) for row in rows for words in row) > 60
    return Out(
        'table',
        lambda height: tables(head, rows, height, pages=words),
        min(len(rows), 4) * 46 + 46,
        paged=words,
        width=sum(
            max(len(plain(row[j])) for row in [head, *rows]) * 13 + 28 for j in range(len(head))
        ),
    )


# --- slides


class Slide:
    """One slide: its kind, what stands above, the sentence, the body (HTML), a line below it, and
    the speaker's notes (HTML)."""

    TINTS = {
        'question': '#e9f2f7',
        'quiz': '#e9f2f7',
        'exercise': '#faf0e2',
        'title': '#faf7f0',
        'section': '#faf7f0',
    }

    def __init__(self, kind, kicker='', title='', say='', body=(), free=200, tall=''):
        self.kind = kind
        self.kicker = kicker
        self.title = title
        self.say = say
        self.body = list(body)
        self.name = ''
        self.notes = []
        # points left below the body; a picture beside the words; whether something came out; an
        # exercise's words and code
        self.free, self.tall, self.shown, self.asks, self.stub = free, tall, True, [], ''

    def long(self):
        return len(plain(self.say)) > (105 if self.kind in ('statement', 'question') else 110)

    def html(self):
        big = 'h1' if self.kind == 'title' else 'h2'
        rows = [f'<p class="kicker">{inline(self.kicker)}</p>'] if self.kicker else []
        if self.title:
            rows.append(f'<{big}>{inline(self.title)}</{big}>')
        if self.say:
            rows.append(f'<p class="say{" long" if self.long() else ""}">{inline(self.say)}</p>')
        rows += self.body
        if self.name:
            rows.append(f'<p class="name fragment">{inline(self.name)}</p>')
        if self.tall:
            rows = ['<div class="words">', *rows, '</div>', self.tall]
        if self.notes:
            rows += ['<aside class="notes">', *self.notes, '</aside>']
        tint = (
            f' data-background-color="{self.TINTS[self.kind]}"' if self.kind in self.TINTS else ''
        )
        return '\n'.join(
            [
                f'<section class="{self.kind}{" beside" if self.tall else ""}"{tint}>',
                *rows,
                '</section>',
            ]
        )


DRAWS = re.compile(
    r'\s*(plt|ax|axes|fig|left|right_?|axis)(\.|\[|,)|.*\b(set_title|set_xlabel|tight_layout|plt\.|ax\.|axes\[)'
)
SILENT = re.compile(r'\s*(from|import|assert|record\(|check\(|quiz\(|%|#|\)|$)')


def draws(code):
    "Whether a cell's lines are mostly there to draw."
    lines = [line for line in code.splitlines() if line.strip()]
    return sum(bool(DRAWS.match(line)) for line in lines) * 3 > len(lines)


def worth(code):
    """A cell's code without the lines that teach nothing on a slide: imports, promises, nbdev's
    directives; '' when nothing is left."""
    if re.search(r'^(record|check|quiz)\(', code, re.M):
        return ''
    lines = code.strip('\n').split('\n')
    if all(SILENT.match(line) for line in lines):
        return ''
    return re.sub(
        r'\n{2,}(?=\S)',
        '\n\n',
        '\n'.join(line for line in lines if not re.match(r'(from \S+ import|import) |#\|', line)),
    ).strip('\n')


class Deck:
    "Walks through a lesson's cells and collects its slides."

    def __init__(self, entry, cells, questions, shared):
        self.entry, self.cells, self.questions, self.shared = entry, cells, questions, shared
        # made; paragraphs no slide has yet; (code, sentence, its paragraphs) whose output is still
        # to come
        self.slides, self.waiting, self.code = [], [], []
        self.section = self.part = ''
        # a heading that stands on no slide yet; 'exercises', 'quiz', or 'after' the recap
        self.fresh, self.mode = False, ''

    def walk(self):
        self.slides.append(
            Slide(
                'title',
                f'The Whole Game · Lesson {self.entry.stem[:2]} · {self.entry.minutes} minutes',
                self.entry.title,
                self.entry.promise,
            )
        )
        self.tell(
            [
                words
                for kind, words in blocks(self.cells[0].source)
                if kind not in ('heading1', 'quote')
            ]
        )
        for n, cell in enumerate(self.cells[1:], 1):
            tags = set(cell.metadata.get('tags', []))
            kind = cell.metadata.get('slideshow', {}).get('slide_type', '')
            if tags & {'solution', 'colab'} or kind == 'skip':
                continue
            if 'instructor' in tags:
                self.for_you(cell)
            elif kind in ('slide', 'subslide', 'fragment', 'notes'):
                self.as_told(n, cell, kind)
            elif cell.cell_type == 'markdown':
                self.read(cell)
            elif cell.cell_type == 'code':
                self.ran(n, cell)
        self.close()
        for slide in self.slides:
            if slide.kind == 'exercise':
                worded(slide)
        return self.slides

    # slides and notes

    def tell(self, prose):
        self.slides[-1].notes += map(rendered, prose)

    def add(self, slide, prose=()):
        self.slides.append(slide)
        self.fresh = False
        self.tell(prose)
        return slide

    def above(self):
        "What stands above the next slide, small and large: a heading is large once."
        small = f'{self.section} · {self.part}' if self.part else self.section
        return (
            (self.section if self.part else '', self.part or self.section)
            if self.fresh
            else (small, '')
        )

    def room(self, say):
        "How many points of height a slide with this sentence leaves for its body."
        small, large = self.above()
        size = 36 if large or len(plain(say)) > 110 else 42
        return (
            620
            - (49 if small else 0)
            - (high(large, 52, leading=1.1) + 20 if large else 0)
            - (high(say, size, leading=1.22) + 20 if say else 0)
        )

    def open(self, kind, say='', body=(), prose=(), used=0, **more):
        "A slide below the heading."
        small, large = self.above()
        return self.add(Slide(kind, small, large, say, body, self.room(say) - used, **more), prose)

    def spread(self, say, made, prose):
        "One slide for each piece of something long: a list, a table."
        for n, (body, used) in enumerate(made):
            self.open('content', say, [body], () if n else prose, used)

    def settle(self, keep=0):
        """Give the prose that waits, all but the last `keep` paragraphs, to the slide it speaks of;
        a fresh heading gets one, and so do bold sentences."""
        prose, self.waiting = (
            (self.waiting[:-keep], self.waiting[-keep:]) if keep else (self.waiting, [])
        )
        if not prose:
            return
        self.flush()
        if self.fresh:
            first, *prose = prose
            self.open('section', gist(first, opens=True, least=60, most=220), (), [first])
        for words in prose:
            if (found := insight(words)) and self.mode != 'exercises':
                self.add(Slide('statement', self.above()[0], *found), [words])
                continue
            last = self.slides[-1]
            named = next((s for s in sentences(words) if '**' in s and len(plain(s)) <= 150), '')
            if (
                named
                and not last.name
                and last.kind in ('content', 'section')
                and '**' not in last.say
                and high(named, 28) + 26 < last.free
            ):
                last.name = named
            self.tell([words])

    def lead(self, code='', last=False):
        """The sentence and the paragraphs that lead to what comes now; what waited before them, or
        only speaks of what came out, is settled."""
        alone = len(self.waiting) == 1
        if self.code:
            self.code[-1][2].extend(self.waiting[:-1])
            self.waiting = self.waiting[-1:]
        else:
            self.settle(keep=1)
        if (
            alone
            and not self.fresh
            and not last
            and not self.code
            and self.slides[-1].shown
            and leading(sentences(self.waiting[0]) or ['.'], code) is None
        ):
            self.settle()
        prose, self.waiting = self.waiting, []
        return (gist(prose[0], code, last) if prose else ''), prose

    def flush(self):
        "Code whose output never came is a slide of its own."
        if not self.code:
            return
        source, say, prose = self.joined('', '', [])
        if say or self.fresh or source.count('\n') > 1:
            self.only_code(source, say, prose)
            return
        self.tell(prose)  # a line or two of which nothing was said
        self.slides[-1].notes.append(noted(source))

    def only_code(self, source, say, prose):
        made, used, fits = coloured(source, height=self.room(say))
        if not fits:
            made, used = next(
                (made, used)
                for n in range(len(source.split('\n')) - 1, 0, -1)
                for made, used, fits_now in [
                    coloured('\n'.join([*source.split('\n')[:n], '…']), height=self.room(say))
                ]
                if fits_now or n == 1
            )
        slide = self.open('content', say, [made], prose, used)
        slide.shown = False
        if not fits:
            slide.notes.append(noted(source))

    def close(self):
        self.settle()
        self.flush()
        if self.fresh and not self.mode:
            self.open('section')
        self.fresh = False

    # Markdown

    def headed(self, level, words):
        "A new heading: what waited is told, and the exercises, the quiz and the end begin."
        if level > 2 and self.mode == 'exercises':
            self.settle()
            self.exercise(words)
            return
        self.close()
        if level > 2:
            self.part, self.fresh = words, True
            return
        self.section, self.part = words, ''
        self.mode = next(
            (
                mode
                for mode, sign in {
                    'exercises': 'Exercises?$',
                    'quiz': 'Quiz$',
                    'after': '(If you are stuck|Where to read more)$',
                }.items()
                if re.match(sign, words)
            ),
            '',
        )
        self.fresh = not self.mode
        if self.mode == 'quiz':
            self.quiz()
        if self.mode == 'after':
            self.tell([f'**{words}**'])

    def read(self, cell):
        for kind, words in blocks(cell.source):
            if kind.startswith('heading'):
                self.headed(int(kind[-1]), words)
            elif self.mode == 'quiz':
                continue  # how the quiz works in a notebook
            elif self.mode == 'after':
                self.tell([words])
            elif self.mode == 'exercises':
                if self.slides[-1].kind == 'exercise' and not self.slides[-1].stub:
                    self.slides[-1].asks.append((kind, words))
                self.tell([words])
            elif kind == 'picture':
                self.picture(cell, words)
            elif kind == 'prediction':
                self.predict(words)
            elif kind == 'list' and len(points(words)) > 1 or kind in ('table', 'fence', 'formula'):
                self.figure(kind, words)
            elif kind in ('paragraph', 'list', 'details'):
                self.waiting.append(words)

    def predict(self, words):
        "A question to the room; code that waits is shown first, so that they know what will run."
        # one paragraph after an output speaks of that output
        commented = len(self.waiting) == 1 and not self.fresh and not self.code
        self.settle(keep=0 if commented or self.fresh else 1)
        self.flush()
        asks = ' '.join(re.sub(r'\*\*Before you run[^*]*\*\*\s*', '', words).split())
        fresh = self.fresh
        self.add(Slide('question', 'Before you run this', '', asks[:1].upper() + asks[1:]), [words])
        self.fresh = fresh

    def figure(self, kind, words):
        "A list, a table, a formula, or lines to type."
        say, prose = self.lead(last=True)
        self.flush()
        room = self.room(say)
        if kind == 'list':
            made = lists(
                'ol' if re.match(r'\d', words) else 'ul',
                [item(point) for point in points(words)],
                room,
            )
        elif kind == 'table':
            made = tables(*markdown_rows(words), room)
        elif kind == 'formula':
            made = [(f'<div class="formula">{rendered(words)}</div>', 150)]
        else:
            made = [
                coloured(re.sub(r'^(```|~~~).*$', '', words, flags=re.M).strip('\n'), height=room)[
                    :2
                ]
            ]
        self.spread(say, made, [*prose, words])

    def picture(self, cell, words):
        alt, target = re.match(r'!\[([^\]]*)\]\(([^)\s]+)', words).groups()
        name = target.removeprefix('attachment:')
        if name != target:
            # the cover of a lesson that has not been run yet
            if name not in cell.get('attachments', {}):
                return
            kind, encoded = next(iter(cell.attachments[name].items()))
        else:
            path = self.entry.path.parent / target
            if not path.exists():
                raise Complaint(f'{self.entry.stem}: there is no picture {target}.')
            kind, encoded = f'image/{path.suffix[1:]}', base64.b64encode(path.read_bytes()).decode()
        made, aspect = kept_picture(
            encoded, kind, alt, f'{self.entry.stem[:2]}-{Path(name).stem}', self.shared
        )
        say, prose = self.lead()
        self.flush()
        self.hang(say, made, aspect, prose)

    def hang(self, say, made, aspect, prose):
        "A picture alone: one that is not wide stands beside the words, over the whole height."
        if (
            (say or self.fresh)
            and len(plain(say)) < 120
            and min(620, 732 / aspect) > 1.05 * min(self.room(say), WIDTH / aspect)
        ):
            return self.open(
                'content',
                say,
                (),
                prose,
                tall=made.replace(
                    '"picture"', f'"picture" style="flex-basis:{min(732, 620 * aspect):.0f}px"'
                ),
            )
        return self.open('content', say, [made], prose, used=self.room(say) - 190)

    def exercise(self, words):
        minutes = re.search(r'\((\d+) minutes?\)', words)
        name = re.sub(r'\s*\(\d+ minutes?\)', '', words)
        number = re.match(r'(Exercise \d+): (.+)', name)
        title = number[2] if number else name
        self.add(
            Slide(
                'exercise',
                (number[1] if number else 'Exercise')
                + (f' · {minutes[1]} minutes' if minutes else ''),
                title[0].upper() + title[1:],
            )
        )

    def quiz(self):
        for n, q in enumerate(self.questions, 1):
            right = next(i for i, a in enumerate(q['answers']) if a.get('right'))
            answers = ''.join(
                f'<li><b>{letter}</b><span>{inline(a["answer"])}</span></li>'
                for letter, a in zip('abcdefgh', q['answers'])
            )
            slide = self.add(
                Slide(
                    'quiz',
                    f'Question {n} of {len(self.questions)}',
                    '',
                    q['question'],
                    [f'<ol class="letters">{answers}</ol>'],
                )
            )
            whys = [
                f'<li><strong>{letter}{", right" if i == right else ""}</strong>:'
                f' {inline(a["why"])}</li>'
                for i, (letter, a) in enumerate(zip('abcdefgh', q['answers']))
            ]
            slide.notes.append(f'<ul>{whys.pop(right)}{"".join(whys)}</ul>')

    # what the instructor and the metadata say

    def for_you(self, cell):
        "What only the instructor reads; a line that leads to housekeeping code is left out."
        if cell.cell_type != 'markdown' or cell.source.rstrip().endswith(':'):
            return
        self.flush()
        notes = self.slides[-1].notes
        notes.insert(
            sum('class="for-you"' in note for note in notes),
            f'<div class="for-you"><p><strong>For you:</strong></p>\n{rendered(cell.source)}</div>',
        )

    def as_told(self, n, cell, kind):
        "A cell whose metadata says what it is."
        if kind == 'notes':
            self.slides[-1].notes.append(
                rendered(cell.source) if cell.cell_type == 'markdown' else noted(cell.source)
            )
            return
        self.settle()
        self.flush()
        if cell.cell_type == 'markdown':
            found = blocks(cell.source)
            if kind != 'fragment' and found and found[0][0].startswith('heading'):
                self.headed(int(found[0][0][-1]), found.pop(0)[1])
            body = [rendered('\n\n'.join(words for _, words in found))]
        else:
            shown = self.output(n)
            made, used, _ = coloured(cell.source, height=self.room('') - shown.least)
            body = [made, *([shown.make(self.room('') - used - 20)[0][0]] if shown.kind else [])]
        if kind == 'fragment':
            self.slides[-1].body.append(f'<div class="fragment">{"".join(body)}</div>')
        else:
            self.open('content', '', body)

    # code

    def output(self, n):
        return output(
            self.cells[n], words_for(self.cells, n), f'{self.entry.stem[:2]}-{n}', self.shared
        )

    def ran(self, n, cell):
        "A cell of code: a slide with what came out, or code that waits for the next output."
        source = worth(cell.source)
        if self.mode == 'exercises':
            self.given(n, source)
        if self.mode or not source:
            return
        shown = self.output(n)
        if not shown.kind and re.search(r'^assert ', source, re.M):
            return  # a promise
        say, prose = self.lead(source)
        if not shown.kind:
            self.wait(source, say, prose)
        elif shown.kind == 'picture' and draws(source):
            self.drawn(source, shown, say, prose)
        else:
            if (
                any('def ' in code or 'class ' in code for code, *_ in self.code)
                or len(self.code_lines()) + len(source.split('\n')) > 7
            ):
                self.flush()
            source, say, prose = self.joined(source, say, prose)
            self.show(source, shown, say, prose)

    def code_lines(self):
        return [line for code, *_ in self.code for line in code.split('\n')]

    def joined(self, source, say, prose):
        """The code that waits and this, with the first sentence there is, and the paragraphs of
        both."""
        code, self.code = self.code, []
        return (
            ('\n' if source else '\n\n').join([*(c for c, *_ in code), *filter(None, [source])]),
            next((said for _, said, _ in code if said), say),
            [*(words for *_, before in code for words in before), *prose],
        )

    def wait(self, source, say, prose):
        "Code without an output waits for one; a function that only draws is told in the notes."
        if draws(source):
            self.flush()
            if self.fresh:
                self.open('section', say)
            self.tell(prose)
            self.slides[-1].notes.append(noted(source))
            return
        if self.code and (
            'def ' in source
            or 'class ' in source
            or any('def ' in code for code, *_ in self.code)
            or len(self.code_lines()) + len(source.split('\n')) > 7
        ):
            self.flush()
        self.code.append((source, say, prose))

    def drawn(self, source, shown, say, prose):
        """A picture whose code only draws: the picture, below the short code that computed what it
        shows."""
        if any('def ' in code for code, *_ in self.code) or len(self.code_lines()) > 4:
            self.flush()
        computed, said, before = self.joined('', '', [])
        say, prose = say or said, [*before, *prose]
        ((made, _),) = shown.make(0)
        code, used, fits = (
            coloured(computed, height=120, sizes=(28, 26, 24, 22)) if computed else ('', 0, False)
        )
        slide = (
            self.open('content', say, [code, made], prose, used=self.room(say) - 190)
            if fits
            else self.hang(say, made, shown.aspect, prose)
        )
        slide.notes.append(noted(f'{computed}\n\n{source}' if computed and not fits else source))

    def show(self, source, shown, say, prose):
        "Code and what came out of it: on one slide where there is room, else on two."
        room = self.room(say)
        if shown.kind == 'picture':
            ((made, _),) = shown.make(0)
            column = int(WIDTH - 28 - (room - 10) * shown.aspect)
            narrow, _, fits = (
                coloured(source, column, min(room - 40, 400), (26, 24, 22, 20))
                if column >= 480
                else ('', 0, False)
            )
            if fits:
                self.open(
                    'content',
                    say,
                    [f'<div class="side" style="--column:{column}px">{narrow}{made}</div>'],
                    prose,
                    used=room - 190,
                )
                return
            code, used, fits = coloured(
                source, height=min(170, room - shown.least), sizes=(28, 26, 24, 22)
            )
            if fits:
                self.open('content', say, [code, made], prose, used=room - 190)
                return
        elif shown.paged:
            self.spread(say, shown.make(room), prose)
            self.slides[-1].notes.append(noted(source))
            return
        # a narrow table, too long to stand below: beside
        elif shown.width < 560 and '>…</td>' in shown.make(room - 130)[0][0]:
            code, _, fits = coloured(source, WIDTH - 60 - shown.width, 300, (28, 26, 24, 22))
            if fits:
                self.open(
                    'content',
                    say,
                    [code],
                    prose,
                    tall=f'<div class="figure">{shown.make(600)[0][0]}</div>',
                )
                return
        if shown.kind != 'picture':
            code, used, fits = coloured(
                source,
                height=room - shown.least - 20,
                sizes=(32, 30, 28, 26, 24, 22) if shown.kind == 'text' else (28, 26, 24, 22),
            )
            if fits:
                ((made, more),) = shown.make(room - used - 20)[:1]
                self.open('content', say, [code, made], prose, used + more + 20)
                return
        self.only_code(source, say, prose)
        if shown.kind == 'picture':
            self.hang(say, made, shown.aspect, [])
        else:
            self.spread(say, shown.make(self.room(say)), [])

    def given(self, n, source):
        "What an exercise gives: the lines to complete, or a picture it asks about."
        slide = self.slides[-1]
        if slide.kind != 'exercise' or slide.stub:
            return
        shown = self.output(n)
        if '...' in source:
            slide.stub = source
        elif shown.kind == 'picture' and not slide.body:
            slide.body.append(shown.make(0)[0][0])


def worded(slide):
    "Put on an exercise's slide what it asks, once all of it is known."
    listed = next((i for i, (kind, _) in enumerate(slide.asks) if kind == 'list'), None)
    asks = [words for kind, words in slide.asks[:listed] if kind == 'paragraph']
    slide.say = essence(asks, 200 if listed is not None or slide.body else 330)
    room = 528 - high(slide.title, 58, leading=1.1) - high(slide.say, 40)
    stub, used, _ = coloured(slide.stub, height=min(room, 260)) if slide.stub else ('', 0, True)
    if listed is not None:
        slide.body.append(
            lists('ul', [item(point) for point in points(slide.asks[listed][1])], room - used - 20)[
                0
            ][0]
        )
    if stub:
        slide.body.append(stub)


# --- putting it together


def lay_out(shared):
    """The folder that all decks share: reveal.js and its fonts from sphinx-revealjs, the code's
    font from matplotlib, the look."""
    import matplotlib
    import sphinx_revealjs

    source = Path(sphinx_revealjs.__file__).parent / '_static' / 'revealjs'
    fonts = Path(matplotlib.get_data_path()) / 'fonts' / 'ttf'
    copies = {source / path: to for path, to in SHARED.items()} | {
        fonts / name: f'fonts/{name}'
        for name in ('DejaVuSans.ttf', 'DejaVuSansMono.ttf', 'LICENSE_DEJAVU')
    }
    for path, to in {**copies, SOURCE / 'slides.css': 'slides.css'}.items():
        if not path.exists():
            raise Complaint(
                f'{path.name} is not where it should be in its package. Reinstall the course\'s'
                ' extra "book".'
            )
        (shared / to).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, shared / to)


def deck(entry, shared):
    "A lesson's slides."
    nb, quiz = nbformat.read(str(entry.path), 4), entry.path.with_name(f'{entry.stem}.quiz.toml')
    questions = (
        tomllib.loads(quiz.read_text(encoding='utf-8')).get('questions', [])
        if quiz.exists()
        else []
    )
    return Deck(entry, nb.cells, questions, shared).walk()


def filled(name, **facts):
    return string.Template((SOURCE / name).read_text(encoding='utf-8')).substitute(facts)


def build(which='', root=ROOT, out=None):
    """Write the decks of the lessons whose name begins with `which`, and the list of all that are
    there; returns [(entry, number of slides)]."""
    if missing := [name for module, name in NEEDS.items() if not importlib.util.find_spec(module)]:
        raise Complaint(
            f'The slides need {", ".join(missing)}. Install what the course\'s extra "book" lists:'
            ' python -m pip install -e ".[book]"'
        )
    out, every = out or BUILD / 'slides', in_book(root)
    wanted = [entry for entry in every if entry.stem.startswith(which)]
    if not wanted:
        raise Complaint(
            f'There is no lesson {which!r}. There are: {", ".join(entry.stem for entry in every)}.'
        )
    if not which:
        shutil.rmtree(out, ignore_errors=True)
    lay_out(out / 'shared')
    made = []
    for entry in wanted:
        slides = deck(entry, out / 'shared')
        (out / f'{entry.stem}.html').write_text(
            filled(
                'deck.html',
                title=html.escape(entry.title),
                slides='\n\n'.join(slide.html() for slide in slides),
                seconds=entry.minutes * 60,
            ),
            encoding='utf-8',
        )
        made.append((entry, len(slides)))
    rows = []
    for entry in every:
        if not (path := out / f'{entry.stem}.html').exists():
            continue
        count = path.read_text(encoding='utf-8').count('<section')
        rows.append(
            f'<tr><td><a href="{path.name}">{entry.stem[:2]} {html.escape(entry.title)}</a></td><td'
            f' class="number">{entry.minutes}</td><td class="number">{count}</td></tr>'
        )
    (out / 'index.html').write_text(filled('index.html', rows='\n'.join(rows)), encoding='utf-8')
    return made


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m course.slides', description='Make the slides in build/slides/.'
    )
    parser.add_argument(
        'lesson', nargs='?', default='', help='only the lesson whose name begins so (01)'
    )
    start, out = time.monotonic(), BUILD / 'slides'
    for entry, count in build(parser.parse_args(argv).lesson):
        say(f'{short(out)}/{entry.stem}.html: {count} slides for {entry.minutes} minutes')
    size = sum(path.stat().st_size for path in out.rglob('*') if path.is_file())
    say(
        f'{short(out)}/index.html lists them: {size / 1e6:.1f} MB, {time.monotonic() - start:.0f}'
        ' s. Open it in a browser; it needs no server and no network. S opens your notes.'
    )


if __name__ == '__main__':
    run(main)
