"""`make book`: the website in build/book/, made from the same notebooks with Sphinx. Open
build/book/index.html: no server, no network.

`gather` lays everything out in build/book-src/, under the same paths as in the repository, so that
links between lessons hold: the lessons (solutions folded, instructor's notes left out, each picture
with its words, the first use of a term linked to the glossary), docs/, the learner's copies to
download, a page of data and model cards, one of the library, the landing page. Sphinx builds it,
and any warning fails. Then `faults` reads every page as a browser would, and names each picture
without words, each link to nowhere, and whatever would be asked of another machine.
"""

import argparse
import ast
import base64
import html
import importlib.metadata
import importlib.util
import io
import json
import re
import shutil
import string
import subprocess
import sys
import time
import tokenize
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import nbformat
from PIL import Image

from course import first_cell, index, learner, offline
from course.common import BUILD, ROOT, Complaint, lessons, run, say, settings, short
from course.normalise import text
from course.words import KEPT, anchor, spelling, terms

PARTS = ('Play', 'Fields', 'Open up', 'Yours')
# cells that the book does not show: notes for who teaches, and what only Colab needs
NOT_HERE = {'instructor', 'colab'}
NEEDS = {
    'sphinx': 'sphinx',
    'myst_nb': 'myst-nb',
    'sphinx_book_theme': 'sphinx-book-theme',
    'latex2mathml': 'latex2mathml',
}


# --- words for pictures


def plain(markdown):
    "The words of a piece of Markdown, in one line, without its marks."
    words = re.sub(r'<!--.*?-->|<[^>]+>', '', markdown, flags=re.S)
    words = re.sub(r'!?\[([^\]]*)\]\([^)]*\)', r'\1', words)
    words = re.sub(r'\*\*(.+?)\*\*', r'\1', words)
    words = re.sub(r'(?<![\w*])[*_](?=\S)(.+?)(?<=\S)[*_](?![\w*])', r'\1', words)
    return ' '.join(words.replace('`', '').split())


# how a sentence begins that leads away from the picture
ASIDE = re.compile(r'\(|(Look|Draw|Compare|Try|Next|Now|If)\b')


def describes(paragraph):
    """What a paragraph says about a picture, in 240 letters or a little more, up to its first
    question or aside; nothing when it only asks, announces, or is no prose."""
    if re.match(r'\s*(#|\||>|<|```|[-*] |\d+\. |\*\*Before you run)', paragraph):
        return ''
    said = ''
    for sentence in re.findall(r'.+?(?:[.!?]["\')\]]*(?=\s|$)|$)', plain(paragraph)):
        sentence = sentence.strip()
        if (
            said
            and (len(said) + len(sentence) > 240 or ASIDE.match(sentence))
            or sentence.endswith(':')
        ):
            break
        if sentence.endswith('?'):
            if said:
                break
            continue
        said = f'{said} {sentence}'.strip()
    return said if len(said) >= 30 else ''


def words_for(cells, n):
    """What cell n's picture shows, for who cannot see it: a line `<!-- alt: ... -->` in the prose
    just before or after, or the words of the lesson's cover when this is where the cover comes
    from; else the first paragraph after it that describes (also past the next code cell), else the
    one before it."""
    if 'cover-source' in tags(cells[n]) and (found := cover(cells)):
        return found[1]
    around = [
        cells[i] for i in (n + 1, n - 1) if 0 <= i < len(cells) and cells[i].cell_type == 'markdown'
    ]
    for cell in around:
        if own := re.search(r'<!--\s*alt:\s*(.+?)\s*-->', cell.source, re.S):
            return plain(own[1])
    after = []
    for cell in cells[n + 1 : n + 4]:
        if cell.cell_type != 'markdown':
            continue
        paragraphs = re.split(r'\n\s*\n', cell.source.strip())
        headed = next(
            (i for i, words in enumerate(paragraphs) if words.startswith('#')), len(paragraphs)
        )
        after += paragraphs[:headed]
        if headed < len(paragraphs):
            break  # a heading begins another story
    before = [
        p
        for cell in reversed(cells[max(0, n - 2) : n])
        if cell.cell_type == 'markdown'
        for p in reversed(re.split(r'\n\s*\n', cell.source.strip()))
    ]
    return next((said for said in map(describes, after + before) if said), '')


def tags(cell):
    return set(cell.metadata.get('tags', []))


def shown_cells(nb):
    return [cell for cell in nb.cells if not NOT_HERE & tags(cell)]


def pictures(cell):
    return [
        out
        for out in cell.get('outputs', [])
        if any(kind.startswith('image/') for kind in out.get('data', {}))
    ]


def cover(cells):
    "The lesson's cover as (base64, words); nothing when it has none."
    for cell in cells:
        if 'cover' in tags(cell) and cell.get('attachments'):
            return (
                next(iter(cell.attachments['cover.jpg'].values())),
                re.search(r'!\[([^\]]*)\]', cell.source)[1],
            )


# --- the glossary


def introduced(cells, glossary):
    """The terms that a lesson introduces in bold, in its prose: their first use as a term, though
    the word may come before in another sense."""
    prose = '\n'.join(
        line
        for cell in cells
        if cell.cell_type == 'markdown'
        for line in cell.source.splitlines()
        if not line.lstrip().startswith('|')
    )
    return {term for term in glossary if re.search(rf'\*\*{spelling(term)}\*\*', prose)}


def linked(markdown, glossary, seen, waiting=frozenset(), to='../docs/glossary.html'):
    """The Markdown with the first use of each term as a link to its entry; never in code, headings,
    links or quotations. `seen` remembers; the terms in `waiting` are linked where they stand in
    bold."""
    left = sorted(set(glossary) - seen, key=len, reverse=True)
    if not left:
        return markdown
    pattern = re.compile(
        KEPT.pattern
        + '|'
        + r'(?<![\w/.-])(?:'
        + '|'.join(f'(?P<t{i}>{spelling(term)})' for i, term in enumerate(left))
        + r')(?![\w/-])',
        re.M | re.S | re.X,
    )

    def link(m):
        if m['kept'] is not None:
            return m[0]
        term = left[
            int(
                next(
                    name
                    for name, said in m.groupdict().items()
                    if said and re.fullmatch(r't\d+', name)
                )[1:]
            )
        ]
        bold = markdown[m.start() - 2 : m.start()] == markdown[m.end() : m.end() + 2] == '**'
        if term in seen or term in waiting and not bold:
            return m[0]
        seen.add(term)
        return (
            f'<a class="term" href="{to}#{anchor(term)}"'
            f' title="{html.escape(plain(glossary[term][1]))}">{m[0]}</a>'
        )

    return pattern.sub(link, markdown)


def glossary_page(markdown, titles):
    """docs/glossary.md as a page: the same words, each an entry that can be linked to, and the
    lesson it is from."""
    found = terms(markdown)
    loose = re.sub(
        r'^\*\*(.+?)\*\*(?: \([\d, ]+\))?: (.+?)(?=\n\s*\n|\Z)', '', markdown, flags=re.M | re.S
    )
    if '**' in loose:
        raise Complaint(
            'docs/glossary.md: an entry is not of the form "**Term** (01): what it is.": '
            + loose[loose.index('**') :][:80]
        )
    lines = [loose.strip(), '', '<nav class="letters" aria-label="Letters">']
    letters = sorted({term[0].upper() for term in found})
    lines += [f'<a href="#letter-{letter.lower()}">{letter}</a>' for letter in letters] + [
        '</nav>',
        '',
    ]
    for letter in letters:
        lines += [
            f'<p class="letter" id="letter-{letter.lower()}">{letter}</p>',
            '',
            '<dl class="words">',
            '',
        ]
        for term in sorted((term for term in found if term[0].upper() == letter), key=str.lower):
            numbers, means = found[term]
            where = [f'[lesson {n}](../nbs/{titles[n].stem}.ipynb)' for n in numbers if n in titles]
            lines += [
                f'<dt id="{anchor(term)}">',
                '',
                term,
                '',
                '</dt>',
                '<dd>',
                '',
                means + (f' <span class="earned">{", ".join(where)}</span>' if where else ''),
                '',
                '</dd>',
                '',
            ]
        lines += ['</dl>', '']
    return '\n'.join(lines)


# --- a lesson


def bar(entry, address):
    "What stands below a lesson's opening: the buttons that lead to the learner's copy."
    open_it = (
        f'<a class="button" href="{address}{entry.stem}.ipynb">Open in Colab</a>' if address else ''
    )
    return (
        '<div class="play-it"><p>This page shows the lesson as it ran. Play it yourself:'
        ' <code>make lab</code> has it, or take a copy. It comes without answers and outputs;'
        f' those are yours to make.</p><p><a class="button" href="../learner/{entry.stem}.ipynb"'
        f' download>Download the notebook</a> {open_it}</p></div>'
    )


def fold(cells):
    "The cells with each run of solutions in a box that opens on a click."
    mark = lambda words, n, end: nbformat.v4.new_markdown_cell(words, id=f'fold-{n}-{end}')
    folded, inside = [], False
    for n, cell in enumerate(cells):
        solution = 'solution' in tags(cell)
        if inside and not solution:
            folded.append(mark('</details>', n, 'ends'))
            inside = False
        if solution and not inside:
            inside, name = True, plain(cell.source) if cell.cell_type == 'markdown' else ''
            named = name.endswith(':') and len(name) < 60
            folded.append(
                mark(
                    '<details'
                    f' class="solution">\n<summary>{html.escape(name[:-1]) if named else "One solution"}</summary>',
                    n,
                    'begins',
                )
            )
            if named:
                continue
        folded.append(cell)
    return folded + ([mark('</details>', 'last', 'ends')] if inside else [])


def page(nb, entry, glossary, address=''):
    "The lesson as the book shows it. Complaint when a picture has no words."
    cells, missing, seen = shown_cells(nb), [], set()
    for n, cell in enumerate(cells):
        if not pictures(cell):
            continue
        said = words_for(cells, n)
        if not said:
            missing.append(
                f'{entry.stem}: the picture below "{cell.source.strip().splitlines()[-1][:60]}" has'
                ' no words beside it. Describe it in the text after it, or write <!-- alt: ... -->'
                ' there.'
            )
        cell.metadata['mystnb'] = {'image': {'alt': said.replace('"', "'")}}
    if missing:
        raise Complaint('\n'.join(missing))
    waiting = introduced(cells[1:], glossary)
    for n, cell in enumerate(cells):
        if n and cell.cell_type == 'markdown':
            cell.source = headed(linked(cell.source, glossary, seen, waiting))
        if cell.cell_type == 'code':
            # sentences, no traceback
            cell.outputs = [
                (
                    nbformat.v4.new_output('stream', name='stdout', text=out.evalue)
                    if out.get('ename') == 'CourseError'
                    else out
                )
                for out in cell.outputs
            ]
            for out in cell.outputs:
                for kind in {'text/markdown', 'text/html'} & set(out.get('data', {})):
                    out.data[kind] = headed(out.data[kind])
    cells = (
        cells[:1]
        + [nbformat.v4.new_markdown_cell(bar(entry, address), id='play-it')]
        + fold(cells[1:])
    )
    return nbformat.NotebookNode(cells=cells, metadata=nb.metadata, nbformat=4, nbformat_minor=5)


def detach(cells, stem, folder):
    "Keep the pictures attached to cells as files, which is how Sphinx finds them."
    for n, cell in enumerate(cells):
        for name, data in (cell.pop('attachments', None) or {}).items():
            file = f'attached/{stem}-{n}-{name}'
            (folder / 'attached').mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(base64.b64decode(next(iter(data.values()))))
            cell.source = cell.source.replace(f'attachment:{name}', file)
        if cell.cell_type == 'markdown' and 'attachment:' in cell.source:
            raise Complaint(
                f'{stem}: a picture that a cell shows is not attached to it. Run: make lessons'
                f' N={stem[:2]}'
            )


def headed(words):
    """Markdown or HTML whose tables have a word in every heading: where the author left one empty,
    it is heard and not seen."""

    def fill(row):
        return re.sub(
            r'(?<=\|)[ \t]*(?=\|)',
            lambda m: (
                f' <span class="visually-hidden">{"what" if m.start() == 1 else "about it"}</span> '
            ),
            row,
        )

    words = re.sub(
        r'^(\|.*\|)[ \t]*\n(?=\|[ :|-]*-[ :|-]*\|[ \t]*$)',
        lambda m: fill(m[1]) + '\n',
        words,
        flags=re.M,
    )
    return re.sub(
        r'(<th\b[^>]*>)\s*(</th>)', r'\1<span class="visually-hidden">what</span>\2', words
    )


# --- the library and the cards


def comments(source):
    "{line: the comment that ends it}."
    return {
        token.start[0]: token.string.lstrip('# ').strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }


def signature(node, said):
    """A function's brackets, and a (name, type, default, comment) for each parameter that has a
    comment."""
    a = node.args
    every = [*a.posonlyargs, *a.args]
    defaults = dict(
        zip(
            [arg.arg for arg in every][len(every) - len(a.defaults) :], map(ast.unparse, a.defaults)
        )
    )
    defaults |= {
        arg.arg: ast.unparse(value) for arg, value in zip(a.kwonlyargs, a.kw_defaults) if value
    }
    shown = lambda arg: arg.arg + (f'={defaults[arg.arg]}' if arg.arg in defaults else '')
    words = [shown(arg) for arg in every if arg.arg not in ('self', 'cls')]
    if a.vararg:
        words.append('*' + a.vararg.arg)
    elif a.kwonlyargs:
        words.append('*')
    words += [shown(arg) for arg in a.kwonlyargs]
    if a.kwarg:
        words.append('**' + a.kwarg.arg)
    listed = [
        arg
        for arg in [*every, *filter(None, [a.vararg]), *a.kwonlyargs, *filter(None, [a.kwarg])]
        if arg.arg not in ('self', 'cls') and arg.lineno > node.lineno
    ]
    return f'({", ".join(words)})', [
        (arg.arg, said[arg.lineno]) for arg in listed if said.get(arg.lineno)
    ]


def patched(tree, name):
    """The methods that a module gives to its class `name` afterwards: functions under `@patch`
    whose first argument is annotated with it."""
    return [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(mark) == 'patch' for mark in node.decorator_list)
        and node.args.args
        and node.args.args[0].annotation
        and ast.unparse(node.args.args[0].annotation) == name
    ]


def api(path):
    """A module as Markdown: what it is, then each public name with its brackets, its one line and
    its parameters."""
    source = path.read_text(encoding='utf-8')
    tree, said, name = ast.parse(source), comments(source), f'whole_game.{path.stem}'
    public = next(
        (
            ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and getattr(node.targets[0], 'id', '') == '__all__'
        ),
        [],
    )
    if not public:
        return ''
    lines = [
        f'## {name}',
        '',
        ast.get_docstring(tree) or '',
        '',
        ':::{py:currentmodule} ' + name,
        ':::',
        '',
    ]

    def entry(node, kind, full):
        brackets, rows = signature(node, said) if isinstance(node, ast.FunctionDef) else ('', [])
        body = [f'{(ast.get_docstring(node) or "").strip()}']
        if isinstance(node, ast.ClassDef):
            if init := next(
                (f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == '__init__'),
                None,
            ):
                brackets, rows = signature(init, said)
            else:
                rows = [
                    (f.target.id, said[f.lineno])
                    for f in node.body
                    if isinstance(f, ast.AnnAssign) and said.get(f.lineno)
                ]
        if rows:
            body += ['', *(f'- **{word}**: {what}' for word, what in rows)]
        lines.extend([f':::{{py:{kind}}} {full}{brackets}', *body, ':::', ''])

    for word in public:
        node = next((node for node in tree.body if getattr(node, 'name', '') == word), None)
        if not node or not ast.get_docstring(node):
            continue
        entry(node, 'class' if isinstance(node, ast.ClassDef) else 'function', word)
        for inner in node.body + patched(tree, word) if isinstance(node, ast.ClassDef) else []:
            if (
                isinstance(inner, ast.FunctionDef)
                and not inner.name.startswith('_')
                and ast.get_docstring(inner)
            ):
                entry(inner, 'method', f'{word}.{inner.name}')
    return '\n'.join(lines)


def library_page(root):
    modules = [
        path
        for path in sorted((root / 'whole_game').glob('*.py'))
        if not path.stem.startswith(('_', 'exercises_'))
    ]
    opening = """# The small library

The lessons rest on `whole_game`, a library small enough to read. It is written in notebooks, which lie in `nbs/lib` and explain themselves.
Here is everything in it that you can call, module by module.

| module | what it is for |
|:--|:--|
"""
    pages = {path: said for path in modules if (said := api(path))}
    first = lambda path: re.match(
        r'.+?[.!?](?=\s|$)|.+', ast.get_docstring(ast.parse(path.read_text(encoding='utf-8')))
    )[0]
    rows = [f'| [{path.stem}](#whole_game{path.stem}) | {first(path)} |' for path in pages]
    return opening + '\n'.join(rows) + '\n\n' + '\n\n'.join(pages.values())


def cards_page(root):
    "The manifest as a page: one card for each data set and each file of weights."
    manifest = tomllib.loads((root / 'whole_game' / 'manifest.toml').read_text(encoding='utf-8'))
    origin = {
        'made': 'made by the course on your machine',
        'carried': 'carried by a package that is installed with the course',
        'downloaded': 'downloaded once, when you first ask for it, and checked',
    }
    lines = [
        '# Data and model cards',
        '',
        (
            'Read a card as you would read the label on a tin: what is inside, where from, what is'
            ' known to be wrong with it. In a notebook `card(\'paintings\')` shows one, and'
            ' `get(\'paintings\')` gives you the folder.'
        ),
        '',
    ]
    for kind, heading in (
        ('data', '## Data sets'),
        ('weights', '## Models that somebody else trained'),
    ):
        lines += [heading, '']
        for name, card in manifest.items():
            if card.get('kind', 'data') != kind:
                continue
            size = (
                f'{card["items"]:,} items, ' if kind == 'data' else ''
            ) + f'about {card["megabytes"]:g} MB'
            rows = [
                ('What it is', card['about']),
                ('How it gets here', origin[card['origin']]),
                ('Size', size),
                ('Source', card['source']),
                ('Licence', card['licence']),
                ('Cite', card.get('citation')),
                ('Split', card.get('split')),
                ('Known faults', card.get('faults')),
            ]
            lines += [
                f'### {card["title"]}',
                '',
                f'`{name}`',
                '',
                headed('| | |\n|:--|:--|'),
                *(f'| **{key}** | {value} |' for key, value in rows if value),
                '',
            ]
    return '\n'.join(lines)


def photographs():
    "The photographs that are painted over, from whole_game.makers.scenes, as a table."
    from whole_game.makers.scenes import PHOTOGRAPHS

    named = lambda words: re.sub(r'(.*?),? (https?://[^\s,]+)', r'[\1](\2)', words)
    return '| photograph | by | licence |\n|:--|:--|:--|\n' + '\n'.join(
        f'| {p.title} | {named(p.credit)} | {named(p.licence)} |' for p in PHOTOGRAPHS
    )


def packages(root):
    """What the lessons are built with, from pyproject.toml, and its licence, from the package
    itself."""
    project = tomllib.loads((root / 'pyproject.toml').read_text(encoding='utf-8'))['project']
    extras = project['optional-dependencies']
    manifest = (root / 'whole_game' / 'manifest.toml').read_text(encoding='utf-8')
    wanted = sorted(
        {
            re.match(r'[\w.-]+', need)[0]
            for need in [
                *project['dependencies'],
                *(
                    need
                    for extra in ('lab', 'app', 'play', 'book')
                    for need in extras.get(extra, [])
                ),
            ]
        },
        key=str.lower,
    )
    rows = []
    for name in wanted:
        try:
            meta = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        licence = (
            meta.get('License-Expression')
            or next(
                (
                    c.split(' :: ')[-1]
                    for c in meta.get_all('Classifier', [])
                    if c.startswith('License ::')
                ),
                '',
            )
            or (meta.get('License') or '').split('\n')[0][:60]
        )
        if licence in ('', 'UNKNOWN'):
            licence = 'said on its [card](cards.md)' if name in manifest else 'said in the package'
        rows.append(
            f'| {name} | {(meta.get("Summary") or "").replace("|", "/")} | {licence} |'.replace(
                '$', r'\$'
            )
        )
    return '| package | what it says it is | licence |\n|:--|:--|:--|\n' + '\n'.join(rows)


# --- the landing page


def measured(readme):
    "The README's table of measured numbers: {what: measured}."
    table = re.search(r'^\| what \| measured \|\n\|[-| :]+\|\n((?:\|.*\|\n)+)', readme, re.M)
    if not table:
        raise Complaint('README.md has no table that begins "| what | measured |".')
    return {
        row[0].strip(): row[1].strip()
        for row in (line.strip('|\n ').split('|') for line in table[1].splitlines())
    }


def said_of(rows, what):
    "The measured value of the row that begins so."
    found = [value for key, value in rows.items() if key.startswith(what)]
    if len(found) != 1:
        raise Complaint(
            f'README.md: the table of measured numbers should have one row that begins "{what}".'
        )
    return found[0]


def save_picture(encoded, path, most=900):
    "Keep a picture of a notebook as a file, no wider than `most` pixels; returns its size."
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as picture:
        picture = picture.convert('RGB')
        picture.thumbnail((most, most * 2))
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path, quality=85, optimize=True)
        return picture.size


def drawn_by(cells, code=''):
    """What the first cell that has `code` in it and shows a picture shows, as (base64, words);
    nothing when there is none."""
    for n, cell in enumerate(cells):
        if code in cell.source and (shown := pictures(cell)):
            return shown[0]['data'].get('image/jpeg') or shown[0]['data']['image/png'], words_for(
                cells, n
            )


def image(src, size, alt):
    return f'<img src="{src}" width="{size[0]}" height="{size[1]}" alt="{html.escape(alt)}">'


def lesson_card(entry, found):
    """A lesson on the map, with its cover; a wide picture is shown whole, a high one cut to its
    upper part."""
    picture = (
        image(*found)
        if found
        else f'<span class="nothing" aria-hidden="true">{entry.stem[:2]}</span>'
    )
    whole = ' whole' if found and found[1][0] > 1.3 * found[1][1] else ''
    return (
        f'<li><a href="nbs/{entry.stem}.html"><span class="frame{whole}">{picture}</span><span'
        f' class="name"><b>{entry.stem[:2]}</b>'
        f' {html.escape(entry.title)}</span></a><p>{html.escape(plain(entry.promise))}</p><p'
        f' class="minutes">{entry.minutes} minutes</p></li>'
    )


def map_of(entries, covers):
    "The four parts as HTML: a card for each lesson that is there."
    said = {
        'Play': (
            'The whole game, again and again, on data of many kinds. You end with a game of your'
            ' own.'
        ),
        'Fields': (
            'The same game in the fields it is used in: text, medicine, sound, science, play. Pick'
            ' those you care about.'
        ),
        'Open up': (
            'Why it works. One box at a time is opened and built again by you. The first half is'
            ' here; the second will run lesson 01 on a library of your own.'
        ),
        'Yours': (
            'A few small projects of your own: how to choose one, finish it and show it to people.'
        ),
    }
    blocks = []
    for n, part in enumerate(PARTS, 1):
        of = [entry for entry in entries if entry.part == part]
        minutes = sum(entry.minutes for entry in of)
        count = (
            f'{len(of)} lesson{"s" if len(of) != 1 else ""}, about {minutes} minutes'
            if of
            else 'not written yet'
        )
        blocks.append(
            f'<section class="part{"" if of else " later"}" aria-labelledby="part-{n}"><h3'
            f' id="part-{n}"><span class="count">{n}</span>{part}</h3><p class="idea">{said[part]}'
            f' <span class="minutes">{count}</span></p>'
        )
        if of:
            blocks.append(
                '<ul class="cards">'
                + ''.join(lesson_card(entry, covers.get(entry.stem)) for entry in of)
                + '</ul>'
            )
        blocks.append('</section>')
    return '<div class="map">' + ''.join(blocks) + '</div>'


IN_COLAB = """Nothing to install: a notebook opens in your browser and runs on a computer of Google's. You need an account there.

<p><a class="button quiet" href="{address}">Open lesson 00 in Colab</a></p>"""
NO_COLAB = """Colab runs a notebook on a computer of Google's, so nothing is installed on yours. It opens notebooks from an address on the web, and this copy
of the book does not know one yet. When it does, a button stands here and in every lesson."""


def landing(root, src, entries, notebooks, address, pages=()):
    "docs/index.md with its numbers, pictures and map put in."
    made = src / '_static' / 'made'
    rows = measured((root / 'README.md').read_text(encoding='utf-8'))
    by_number = {entry.stem[:2]: entry for entry in entries}
    covers = {}
    for stem, nb in notebooks.items():
        if found := cover(nb.cells) or drawn_by(nb.cells):
            covers[stem] = (
                f'_static/made/{stem}.jpg',
                save_picture(found[0], made / f'{stem}.jpg', 640),
                found[1],
            )
    first = by_number['01']
    cells, facts = notebooks[first.stem].cells, {}
    for name, code in (
        ('confusion', 'plot_confusion_matrix'),
        ('own', 'ask(mine)'),
        ('curve', "'How much data does it need?'"),
        ('wall', 'show_results'),
        ('painted', 'show_images'),
    ):
        if not (found := drawn_by(cells, code)):
            raise Complaint(
                f'The landing page wants the picture of a cell with {code!r}, and there is none.'
            )
        facts[f'picture_{name}'] = image(
            f'_static/made/{name}.jpg', save_picture(found[0], made / f'{name}.jpg'), found[1]
        )
    right = re.match(r'(\d+) of (\d+) \(([\d.]+ %)\)', said_of(rows, 'lesson 1: paintings'))
    if not right:
        raise Complaint(
            'README.md: the row "lesson 1: paintings..." should begin like "238 of 248 (96.0 %)".'
        )
    ten = re.match(
        r'([\d.]+ %) \(blind guessing: ([\d.]+ %)\)', said_of(rows, 'the same from ten paintings')
    )
    if not ten:
        raise Complaint(
            'README.md: the row "the same from ten paintings..." should be like "87.5 % (blind'
            ' guessing: 12.5 %)".'
        )
    facts |= {
        'map': map_of(entries, covers),
        'promise': html.escape(plain(first.promise)),
        'minutes': first.minutes,
        'right': right[1],
        'of': right[2],
        'share': right[3],
        'ten': ten[1],
        'guess': ten[2],
        'seconds': said_of(rows, 'the whole lesson'),
        'memory': said_of(rows, 'memory').removesuffix(' at most'),
        'start_minutes': by_number['00'].minutes,
        'start': f'nbs/{by_number["00"].stem}.html',
        'first': f'nbs/{first.stem}.html',
        'lessons': len(entries),
        'total': sum(entry.minutes for entry in entries),
        'python': (
            tomllib.loads((root / 'pyproject.toml').read_text(encoding='utf-8'))['project'][
                'requires-python'
            ].lstrip('>=')
        ),
        'teach': (
            'Read [the page for instructors](docs/instructors.md) first: it has plans, minute by'
            ' minute.'
            if 'instructors' in pages
            else ''
        ),
        'colab': (
            IN_COLAB.format(address=f'{address}{by_number["00"].stem}.ipynb')
            if address
            else NO_COLAB
        ),
    }
    return filled(root / 'docs' / 'index.md', facts)


def filled(path, facts):
    "A page of docs/ with its $names replaced; a name nobody knows is a complaint."
    try:
        return string.Template(path.read_text(encoding='utf-8')).substitute(
            {key: str(value) for key, value in facts.items()}
        )
    except (KeyError, ValueError) as wrong:
        raise Complaint(f'{short(path)}: nothing is known for {wrong}.') from None


# --- putting it together


def in_book(root):
    "The lessons that have a section in settings.ini and a title, in order."
    known, found = settings(root / 'settings.ini'), []
    for path in lessons(root / 'nbs'):
        if path.stem not in known:
            continue
        title, promise = index.opening(path)
        found.append(
            SimpleNamespace(
                stem=path.stem, path=path, title=title, promise=promise, **known[path.stem]
            )
        )
    if not found:
        raise Complaint('There is no lesson in nbs/ with a section in settings.ini.')
    return found


SHELF = {
    'Look it up': ('what_now', 'glossary', 'when_something_breaks', 'cards', 'library'),
    'Teach it': ('instructors',),
    'About': ('credits',),
}


def contents(entries, pages, benchmarks):
    """The table of contents: the lessons by part, then the pages of docs/; one that nobody placed
    comes under About, and so do the measurements."""
    placed = {page for shelf in SHELF.values() for page in shelf}
    tree = [
        (
            part,
            [
                (f'{entry.stem[:2]} {entry.title}', f'nbs/{entry.stem}')
                for entry in entries
                if entry.part == part
            ],
        )
        for part in PARTS
    ]
    for name, shelf in SHELF.items():
        tree.append((name, [(None, f'docs/{page}') for page in shelf if page in pages]))
    tree[-1][1].extend(
        [(None, f'docs/{page}') for page in sorted(set(pages) - placed)]
        + [(None, f'benchmarks/{path.stem}') for path in benchmarks]
    )
    out = []
    for caption, rows in tree:
        if not rows:
            continue
        out += [
            '```{toctree}',
            ':hidden:',
            f':caption: {caption}',
            '',
            *(f'{title} <{target}>' if title else target for title, target in rows),
            '```',
            '',
        ]
    return '\n'.join(out)


def put(path, words):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(words, encoding='utf-8')


def at_home(words, repository):
    """The Markdown whose links to files that the book does not hold (../README.md) lead to the
    repository, or are plain words while it has no address."""
    return re.sub(
        r'\[([^\]]+)\]\(\.\./(?!nbs/|docs/|benchmarks/)([\w./-]+)\)',
        lambda m: (
            f'[{m[1]}](https://github.com/{repository}/blob/main/{m[2]})' if repository else m[1]
        ),
        words,
    )


def gather(root, src):
    "Lay out in `src` all that Sphinx reads; returns how many lessons and pictures there are."
    if src.exists():
        shutil.rmtree(src)
    docs, entries, address = root / 'docs', in_book(root), first_cell.address(root)
    words = (docs / 'glossary.md').read_text(encoding='utf-8')
    glossary, titles = terms(words), {entry.stem[:2]: entry for entry in entries}
    notebooks = {entry.stem: nbformat.read(str(entry.path), 4) for entry in entries}
    for name in ('_static', '_templates'):
        shutil.copytree(docs / name, src / name)
    if (docs / 'images').exists():
        shutil.copytree(docs / 'images', src / 'docs' / 'images')
    shutil.copy(docs / 'conf.py', src / 'conf.py')
    put(
        src / 'index.md',
        landing(
            root,
            src,
            entries,
            {stem: nbformat.from_dict(nb) for stem, nb in notebooks.items()},
            address,
            {path.stem for path in docs.glob('*.md')},
        ),
    )
    (src / '_extra' / 'learner').mkdir(parents=True)
    for entry in entries:
        put(
            src / '_extra' / 'learner' / entry.path.name, text(learner.strip(notebooks[entry.stem]))
        )
        shown = page(notebooks[entry.stem], entry, glossary, address)
        detach(shown.cells, entry.stem, src / 'nbs')
        put(src / 'nbs' / entry.path.name, nbformat.writes(shown))
    learner.side_files(root / 'nbs', src / 'nbs')
    pages = {
        'glossary': glossary_page(words, titles),
        'cards': cards_page(root),
        'library': library_page(root),
    }
    facts = {'photographs': photographs(), 'packages': packages(root)}
    for path in sorted(docs.glob('*.md')):
        if path.stem in ('index', 'glossary'):
            continue
        pages[path.stem] = at_home(
            filled(path, facts) if path.stem == 'credits' else path.read_text(encoding='utf-8'),
            first_cell.project(root)[1],
        )
    benchmarks = sorted((root / 'benchmarks').glob('*.md'))
    for path in benchmarks:
        put(src / 'benchmarks' / path.name, headed(path.read_text(encoding='utf-8')))
    for name, words in pages.items():
        put(src / 'docs' / f'{name}.md', headed(words))
    with (src / 'index.md').open('a', encoding='utf-8') as file:
        file.write('\n' + contents(entries, pages, benchmarks))
    return len(entries), sum(len(pictures(cell)) for nb in notebooks.values() for cell in nb.cells)


def sphinx(src, out, version='0'):
    "Build the pages in `src`, with the network denied to Python; a warning is a Complaint."
    command = [
        sys.executable,
        '-m',
        'sphinx',
        '-W',
        '--keep-going',
        '-n',
        '-q',
        '-E',
        '-D',
        f'release={version}',
        '-d',
        str(src.parent / f'{src.name}-doctrees'),
        str(src),
        str(out),
    ]
    command, env, _ = offline.prepare(command, guard=True)
    done = subprocess.run(command, env=env, cwd=src, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Complaint(
            'Sphinx complains about the book:\n' + done.stderr.replace(f'{src}/', '').strip()
        )


def build(root=ROOT, src=None, out=None):
    """Gather, build, look over. Complaint with everything that is wrong; returns (lessons,
    pictures, pages, bytes)."""
    missing = [name for module, name in NEEDS.items() if not importlib.util.find_spec(module)]
    if missing:
        raise Complaint(
            f'The book needs {", ".join(missing)}. Install what the course\'s extra "book" lists.'
        )
    src, out = src or BUILD / 'book-src', out or BUILD / 'book'
    count, shown = gather(root, src)
    if out.exists():
        shutil.rmtree(out)
    version = tomllib.loads((root / 'pyproject.toml').read_text(encoding='utf-8'))['project'][
        'version'
    ]
    sphinx(src, out, version)
    # of no use to a reader
    for name in (
        '.buildinfo',
        'objects.inv',
        '_sources',
        *out.glob('_static/**/*.map'),
        '_static/webpack-macros.html',
        '_static/sbt-webpack-macros.html',
    ):
        gone = out / name
        if gone.is_dir():
            shutil.rmtree(gone)
        else:
            gone.unlink(missing_ok=True)
    put(
        out / '_static' / 'words.js',
        'window.bookWords = '
        + json.dumps(
            {
                path.relative_to(out).as_posix(): spoken(path)
                for path in sorted(out.rglob('*.html'))
                if path.name != 'search.html'
            },
            ensure_ascii=False,
        )
        + ';\n',
    )
    if found := faults(out):
        raise Complaint('The book has faults:\n' + '\n'.join(found))
    files = [path for path in out.rglob('*') if path.is_file()]
    return (
        count,
        shown,
        sum(path.suffix == '.html' for path in files),
        sum(path.stat().st_size for path in files),
    )


def spoken(path):
    "The words of a page's article, in one line, for the search to show some of."
    article = re.search(r'<article\b.*?</article>', path.read_text(encoding='utf-8'), re.S)
    words = re.sub(
        r'(?s)<(script|style|math)\b.*?</\1>|<a class="headerlink".*?</a>',
        ' ',
        article[0] if article else '',
    )
    return ' '.join(
        html.unescape(
            re.sub(r'<[^>]+>', '', re.sub(r'</(p|li|h\d|td|th|pre|dt|dd)>', ' ', words))
        ).split()
    )


# --- reading the pages as a browser would


class Reader(HTMLParser):
    "What a page names: its ids, its links, what it loads, its pictures, and the headings."

    LOADS = dict(
        script='src',
        img='src',
        iframe='src',
        source='src',
        video='src',
        audio='src',
        embed='src',
        object='data',
        input='src',
    )

    def __init__(self, words):
        super().__init__()
        self.ids, self.links, self.loads, self.speechless = set(), [], [], []
        self.feed(words)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if attrs.get('id'):
            self.ids.add(attrs['id'])
        if tag == 'a' and attrs.get('name'):
            self.ids.add(attrs['name'])
        if tag == 'a' and attrs.get('href') is not None:
            self.links.append(attrs['href'])
        if (
            tag == 'link'
            and attrs.get('href')
            and set(attrs.get('rel', '').split())
            & {'stylesheet', 'icon', 'preload', 'manifest', 'shortcut'}
        ):
            self.loads.append(attrs['href'])
        if attrs.get(self.LOADS.get(tag, '')):
            self.loads.append(attrs[self.LOADS[tag]])
        if (
            tag == 'img'
            and not (attrs.get('alt') or '').strip()
            and Path(attrs.get('src', '')).name != 'logo.svg'
        ):
            self.speechless.append(attrs.get('src', '')[:80])


def faults(out):
    """Every picture without words, every link to nowhere, everything a page would load from
    elsewhere, in the site at `out`."""
    pages = {
        path: Reader(path.read_text(encoding='utf-8'))
        for path in sorted(out.rglob('*.html'))
        if '_static' not in path.relative_to(out).parts
    }
    found = []
    for path, seen in pages.items():
        name = path.relative_to(out).as_posix()
        found += [f'{name}: a picture has no words: {src}' for src in seen.speechless]
        for kind, address in [('link', href) for href in seen.links] + [
            ('load', src) for src in seen.loads
        ]:
            parts = urlsplit(address)
            if parts.scheme in ('http', 'https') or parts.netloc:
                if kind == 'load':
                    found.append(f'{name}: loads from another machine: {address}')
                continue
            if parts.scheme:
                continue  # mailto:, data:
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                found.append(f'{name}: leads nowhere: {address}')
            elif (
                parts.fragment
                and target in pages
                and unquote(parts.fragment) not in pages[target].ids
            ):
                found.append(f'{name}: leads to no place on its page: {address}')
    for path in sorted(out.rglob('*.css')):
        found += [
            f'{path.relative_to(out).as_posix()}: loads from another machine: {address}'
            for address in re.findall(
                r'(?:url\(|@import\s)\s*["\']?((?:https?:)?//[^"\')\s]+)',
                path.read_text(encoding='utf-8'),
            )
        ]
    return found


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m course.book', description='Build the website in build/book/.'
    )
    parser.add_argument(
        '--alt',
        action='store_true',
        help='only print the words that each picture of the lessons gets',
    )
    if parser.parse_args(argv).alt:
        for entry in in_book(ROOT):
            cells = shown_cells(nbformat.read(str(entry.path), 4))
            for n, cell in enumerate(cells):
                if pictures(cell):
                    say(
                        f'{entry.stem}: {cell.source.strip().splitlines()[-1][:50]}\n   '
                        f' {words_for(cells, n) or "NOTHING"}'
                    )
        return
    start = time.monotonic()
    count, shown, pages, size = build()
    say(
        f'build/book/index.html: {count} lessons, {shown} pictures with their words, {pages} pages,'
        f' {size / 1e6:.1f} MB, {time.monotonic() - start:.0f} s. Open it in a browser; it needs no'
        ' server and no network.'
    )


if __name__ == '__main__':
    run(main)
