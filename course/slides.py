"""`make slides`: a reveal.js deck for each lesson in build/slides/, made from its notebook. Open
build/slides/index.html: no server, no network.

A rule decides where a slide begins; nbconvert and reveal.js do the rest. A heading begins a slide,
and so does code, with the paragraph before it and its output. A list, a table, a picture, a
prediction (`**Before you run this:**`), an exercise and a question of the quiz are slides. All
other prose is in the speaker's notes, with the answers of the quiz and what cells tagged
`instructor` say ("For you"). Solutions are nowhere. Where the rule chooses badly, a cell's metadata
decides: {"slideshow": {"slide_type": "slide" | "fragment" | "notes" | "skip"}}.
"""

import argparse
import ast
import importlib.util
import re
import shutil
import tomllib
from collections import ChainMap
from pathlib import Path

import jinja2
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course.book import in_book
from course.cells import parsed, shows_picture, tags
from course.common import BUILD, ROOT, Complaint, run, say

NEEDS = ['nbconvert', 'markdown_it', 'latex2mathml', 'sphinx_revealjs']
SOURCE = ROOT / 'docs' / '_slides'
NOTES_ONLY = {'Quiz', 'If you are stuck', 'Where to read more'}  # sections without slides
ROOM = {'section': 420, 'exercise': 500, 'content': 200}  # characters of prose on a slide
FULL, SMALL = 8, 3  # lines of code on a slide; beside a picture


def blocks(source):
    "A cell's Markdown in pieces, as (kind, words): heading_open, paragraph_open, table_open ..."
    from markdown_it import MarkdownIt

    lines = source.splitlines()
    for token in MarkdownIt().enable('table').parse(source):
        if token.level == 0 and token.map and token.nesting >= 0:
            words = '\n'.join(lines[slice(*token.map)]).strip()
            yield ('picture' if words.startswith(('![', '$$')) else token.type), words


def opening(paragraph, room):
    "A paragraph's first sentences: what a slide has room for, and at least one."
    cuts = [paragraph[: end.start()] for end in re.finditer(r'(?<=[.?!])\s', paragraph)]
    marks = ('*', '**', '`', '$')  # never cut within bold words, code, a formula or brackets
    whole = [cut for cut in cuts if not any(cut.count(mark) % 2 for mark in marks)]
    whole = [cut for cut in whole if cut.count('(') == cut.count(')')] + [paragraph]
    return next((cut for cut in reversed(whole) if len(cut) <= room), whole[0])


def teaches(cell):
    "Whether code does more than import, promise something, or keep the course's books."
    kinds = {type(statement) for statement in parsed(cell).body}
    silent = ast.Assert in kinds or kinds <= {ast.Import, ast.ImportFrom}
    books = 'instructor' in tags(cell) or re.search(r'^(record|check|quiz)\(', cell.source, re.M)
    return not books and not (silent and not cell.outputs)


class Deck:
    "A lesson's cells, each with the metadata that puts it on a slide or in the notes."

    def __init__(self, entry, cells, questions=()):
        self.cells, self.questions = [], questions
        self.section = self.heading = ''
        self.lines = 0  # of code on the last slide, as long as nothing came out
        above = f'The Whole Game · Lesson {entry.stem[:2]} · {entry.minutes} minutes'
        self.put(f'# {entry.title}\n\n{entry.promise}', 'slide', 'title', above)
        self.waiting = [words for _, words in blocks(cells[0].source) if words[0] not in '#>']
        for cell in cells[1:]:
            self.add(cell)
        self.settle()

    def put(self, cell, kind, state='content', above=None):
        "Write down a cell: it begins a slide, goes on with the last one (-), or is a note."
        cell = new_markdown_cell(cell) if isinstance(cell, str) else cell
        data = {'state': state, 'section': self.section if above is None else above}
        cell.metadata['slideshow'] = {'slide_type': kind, 'data': data}
        self.cells.append(cell)
        if kind == 'slide':
            self.lines = 0

    def note(self, *words):
        if words:
            self.put('\n\n'.join(words), 'notes')

    def slide(self, prose, body='', state='content'):
        "Begin a slide: the heading, if it is new, the beginning of the prose, and the body."
        above = '' if self.heading == self.section else self.section
        heading, self.heading = [f'## {self.heading}'] if self.heading else [], ''
        shown = [opening(words, ROOM[state]) for words in prose]
        self.put('\n\n'.join([*heading, *shown, body]), 'slide', state, above)
        if shown != prose:
            self.note(*prose)

    def settle(self, keep=False):
        "Tell the prose that waits, below its heading or in the notes; keep the last paragraph."
        last = self.waiting[-1:] if keep else []
        prose, self.waiting = self.waiting[: len(self.waiting) - len(last)], []
        if self.heading and (prose or not keep):
            self.slide(prose[:1], state='section')
            prose = prose[1:]
        self.note(*prose)
        return last

    def add(self, cell):
        "A cell of the lesson: what its metadata says, else what the rule says."
        asked = cell.metadata.get('slideshow', {}).get('slide_type', '-')
        if 'solution' in tags(cell) or asked == 'skip':
            return
        if 'instructor' in tags(cell) and cell.cell_type == 'markdown':
            asked, cell.source = 'notes', f'**For you:**\n\n{cell.source}'
        if asked != '-':
            self.settle()
            self.put(cell, asked)
        elif cell.cell_type == 'code':
            self.code(cell)
        elif 'cover' not in tags(cell) or 'attachments' in cell:
            for kind, words in blocks(cell.source):
                self.read(kind, words)

    def read(self, kind, words):
        "A piece of Markdown."
        if kind == 'heading_open':
            self.settle()
            marks, self.heading = words.split(maxsplit=1)
            if marks == '##':
                self.section = self.heading
            if self.section in NOTES_ONLY or words == '## Exercises':
                self.heading = ''
            if words == '## Quiz':
                self.quiz()
        elif self.section in NOTES_ONLY:
            self.note(words)
        elif self.section == 'Exercises' and self.heading:
            self.slide([words], state='exercise')
        elif words.startswith('**Before you '):
            self.settle()
            self.put(words, 'slide', 'question')
        elif kind in ('paragraph_open', 'html_block'):
            self.waiting.append(words)
        elif self.section == 'Exercises':
            self.settle()
            self.put(words, '-')
        else:
            self.slide(self.settle(keep=True), words)

    def quiz(self):
        "A slide for each question; which answer is right, and why, is in the notes."
        for n, asked in enumerate(self.questions, 1):
            answers = [f'1. {answer["answer"]}' for answer in asked['answers']]
            words = '\n'.join([f'## {asked["question"]}', *answers])
            self.put(words, 'slide', 'quiz', f'Question {n} of {len(self.questions)}')
            for letter, answer in zip('ABCDEFGH', asked['answers']):
                right = ', right' if answer.get('right') else ''
                self.note(f'**{letter}{right}:** {answer["why"]}')

    def code(self, cell):
        "Code: on a slide with its output, or with the code that follows."
        if self.section in NOTES_ONLY or not teaches(cell):
            return
        cell.source = re.sub(r'^#\|.*\n', '', cell.source, flags=re.M)  # what nbdev is told
        lines = cell.source.count('\n') + 1
        if self.section == 'Exercises' or 0 < self.lines <= FULL - lines and not self.heading:
            self.settle()
        else:
            self.slide(self.settle(keep=True))
        if shows_picture(cell) and self.lines + lines > SMALL:
            self.put(new_code_cell(cell.source), 'notes')
            cell.metadata['transient'] = {'remove_source': True}
        self.put(cell, '-')
        self.lines = 0 if cell.outputs else self.lines + lines


def export(entry):
    "A lesson's deck as HTML, with formulas that a browser can draw and without dead links."
    from latex2mathml.converter import convert
    from nbconvert import SlidesExporter
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    class Renderer(IPythonRenderer):
        def inline_math(self, body, display='inline'):
            try:
                return convert(body, display=display)
            except Exception as wrong:
                raise Complaint(f'{entry.stem}: ${body}$ is no formula ({wrong!r}). Mend it.')

        def block_math(self, body):
            return self.inline_math(body, 'block')

        def link(self, text, url, title=None):
            return super().link(text, url, title) if url.startswith('http') else text

    nb, quiz = nbformat.read(entry.path, 4), entry.path.with_name(f'{entry.stem}.quiz.toml')
    quiz = tomllib.loads(quiz.read_text(encoding='utf-8'))['questions'] if quiz.exists() else []
    facts = {'title': entry.title, 'seconds': entry.minutes * 60}
    made = new_notebook(cells=Deck(entry, nb.cells, quiz).cells, metadata=facts)
    attached = ChainMap(*(cell.get('attachments', {}) for cell in nb.cells))
    renderer = Renderer(escape=False, exclude_anchor_links=True, attachments=attached)
    exporter = SlidesExporter(template_file=str(SOURCE / 'deck.html.j2'))
    exporter.register_filter('markdown2html', MarkdownWithMath(renderer).render)
    return exporter.from_notebook_node(made)[0]


def build(which='', root=ROOT, out=None):
    "Write the decks of the lessons named so, and the index; return [(entry, number of slides)]."
    if missing := [name for name in NEEDS if not importlib.util.find_spec(name)]:
        raise Complaint(
            f'The slides need {", ".join(missing)}. Install what the course\'s extra "book" lists:'
            ' python -m pip install -e ".[book]"'
        )
    out, every = out or BUILD / 'slides', in_book(root)
    wanted = [entry for entry in every if entry.stem.startswith(which)]
    if not wanted:
        names = ', '.join(entry.stem for entry in every)
        raise Complaint(f'There is no lesson {which!r}. There are: {names}.')
    if not which:
        shutil.rmtree(out, ignore_errors=True)
    reveal = Path(importlib.util.find_spec('sphinx_revealjs').origin).parent / '_static/revealjs'
    unused = shutil.ignore_patterns('*.map', '*.esm.js', 'css', 'highlight', 'math', 'search')
    shutil.copytree(reveal, out / 'reveal.js', ignore=unused, dirs_exist_ok=True)
    shutil.copy(SOURCE / 'slides.css', out)
    for entry in wanted:
        (out / f'{entry.stem}.html').write_text(export(entry), encoding='utf-8')
    made = []
    for entry in every:
        if (path := out / f'{entry.stem}.html').exists():
            # nbconvert puts each slide into a section inside a section
            made.append((entry, path.read_text(encoding='utf-8').count('<section') // 2))
    page = jinja2.Template((SOURCE / 'index.html.j2').read_text(encoding='utf-8'), autoescape=True)
    (out / 'index.html').write_text(page.render(decks=made), encoding='utf-8')
    return [(entry, count) for entry, count in made if entry in wanted]


def main(argv=None):
    parser = argparse.ArgumentParser(description='Make the slides in build/slides/.')
    parser.add_argument('lesson', nargs='?', default='', help='only this lesson (01)')
    for entry, count in build(parser.parse_args(argv).lesson):
        say(f'build/slides/{entry.stem}.html: {count} slides for {entry.minutes} minutes')
    say('build/slides/index.html lists them. Open it: it needs no server and no network.')


if __name__ == '__main__':
    run(main)
