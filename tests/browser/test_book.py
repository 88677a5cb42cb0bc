"""The book: built once from the real lessons, and each page looked at once in a real browser, wide
and then as narrow as a telephone, opened from the disk.

The small tests break one thing each (a picture without words, a link to nowhere, a request to
another machine, a formula) and see it found.
"""

import importlib
import json
import re
import shutil
from types import SimpleNamespace

import nbformat
import pytest
from browser import page
from course_fixtures import picture, shown
from docutils import nodes
from docutils.core import publish_doctree
from myst_parser.parsers.docutils_ import Parser
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course import book, book_check, book_lesson, book_library, book_pages, book_terms
from course.cells import tags
from course.common import ROOT, Complaint
from course.words import plain

QUOTES = str.maketrans('“”‘’', '""\'\'')
WIDE, PHONE = dict(width=1440, height=900), dict(width=390, height=844)
ENTRY = SimpleNamespace(stem='01_tiny', title='A tiny lesson', part='Play', minutes=30)
GLOSSARY = {
    'Batch': 'A small pack.',
    'Training set': 'What it *learns* from.',
    'Category': 'One label.',
    'Loss': 'How wrong.',
    'Learner': "fastai's.",
    'Label': 'An answer.',
}


@pytest.fixture(scope='module')
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp('book')
    book.build(ROOT, folder / 'src', folder / 'site')
    return folder / 'site'


@pytest.fixture(scope='module')
def screen():
    "One browser for all tests; `visit` opens a page in it."
    with page(**WIDE) as p:
        yield p


def visit(screen, address, size=WIDE):
    screen.away.clear()
    screen.errors.clear()
    screen.set_viewport_size(size)
    screen.goto(address)


# --- in a browser

WIDER = 'document.documentElement.scrollWidth > document.documentElement.clientWidth'
STACKED = """[...document.querySelectorAll('table.wordy tbody tr')].map(row =>
    new Set([...row.cells].map(cell => cell.getBoundingClientRect().top)).size > 1)"""
AT_FIRST = """document.fonts.ready.then(() => ({
    images: [...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src),
    fonts: [...document.fonts].filter(font => font.status === 'error').map(font => font.family),
    solutions: [...document.querySelectorAll('details.solution')].map(box => {
        const inside = box.querySelector('summary').nextElementSibling;
        const before = inside.checkVisibility();
        box.querySelector('summary').click();
        return [before, inside.checkVisibility()]; }),
    answers: [...document.querySelectorAll('.Quiz')].map(question => {
        [...question.querySelectorAll('.MCButton')].at(-1).click();
        return question.querySelector('.Feedback').innerText.trim(); }),
}))"""


def look(screen, path):
    "What a browser says about a page: loaded once, wide, and then made narrow."
    visit(screen, path.as_uri())
    wide, stacked, seen = (screen.evaluate(js) for js in (WIDER, STACKED, AT_FIRST))
    screen.set_viewport_size(PHONE)
    narrow, stacked_narrow = screen.evaluate(WIDER), screen.evaluate(STACKED)
    return SimpleNamespace(
        **seen,
        wider=wide or narrow,
        stacked=[stacked, stacked_narrow],
        away=list(screen.away),
        errors=list(screen.errors),
    )


@pytest.fixture(scope='module')
def looks(site, screen):
    return {
        path.relative_to(site).as_posix(): look(screen, path)
        for path in book_check.html_pages(site)
    }


def test_every_page_opens_from_the_disk_and_asks_nothing_of_the_network(looks):
    assert len(looks) > 20
    for name, seen in looks.items():
        assert (seen.away, seen.errors, seen.images, seen.fonts) == ([], [], [], []), name


def test_no_page_is_wider_than_its_screen(looks):
    assert [name for name, seen in looks.items() if seen.wider] == []


def test_every_quiz_answers(looks):
    for lesson in book.in_book(ROOT):
        answers = looks[f'nbs/{lesson.stem}.html'].answers
        assert len(answers) >= 5 and all(answers), lesson.stem


def test_solutions_are_folded_and_open_on_a_click(looks):
    for lesson in book.in_book(ROOT):
        boxes = looks[f'nbs/{lesson.stem}.html'].solutions
        assert boxes and all(box == [False, True] for box in boxes), lesson.stem


def test_a_telephone_shows_a_table_with_long_cells_row_by_row(looks):
    wide, narrow = looks['docs/what_now.html'].stacked
    assert wide and not any(wide) and all(narrow)


def test_search_finds_overfitting_and_shows_words_around_it(site, screen):
    for size in (WIDE, PHONE):
        visit(screen, (site / 'index.html').as_uri(), size)
        screen.locator('button.search-button:visible, .search-button-field:visible').first.click()
        screen.keyboard.type('overfitting')
        screen.keyboard.press('Enter')
        screen.wait_for_selector('#search-results ul.search > li p.context')
        found = screen.locator('#search-results ul.search > li').all_inner_texts()
        assert any('Glossary' in words for words in found)
        assert any('Train a classifier' in words for words in found)
        # a page that has the word in its quiz alone shows its beginning
        shown = [words for words in found if re.search('overfit', words, re.I)]
        assert len(shown) >= len(found) - 2 and len(shown) >= 4, found
        assert screen.away == [] and screen.errors == []


def violations(screen, address, size, light):
    "What axe says about a page with its boxes open and its quizzes answered."
    from axe_playwright_python.sync_playwright import Axe

    screen.emulate_media(color_scheme=light, reduced_motion='reduce')
    visit(screen, f'{address}?q=overfitting', size)
    if 'search.html' in address:
        screen.wait_for_selector('#search-results p.context')
    screen.evaluate("""() => {
        for (const box of document.querySelectorAll('.bd-article details')) box.open = true;
        for (const quiz of document.querySelectorAll('.Quiz'))
            quiz.querySelector('.MCButton').click(); }""")
    found = Axe().run(screen, options={'resultTypes': ['violations']}).response['violations']
    screen.emulate_media(color_scheme='light', reduced_motion='no-preference')
    return [(v['id'], [node['html'][:120] for node in v['nodes']][:3]) for v in found]


def test_accessible_says_axe(site, screen):
    lesson_00, lesson_01 = sorted(site.glob('nbs/0[01]_*.html'))
    docs = [site / 'docs' / f'{name}.html' for name in ('glossary', 'cards', 'instructors')]
    for path in (site / 'index.html', lesson_01, *docs, site / 'search.html'):
        assert violations(screen, path.as_uri(), WIDE, 'light') == [], path.name
    for path in (site / 'index.html', lesson_00, site / 'search.html'):
        assert violations(screen, path.as_uri(), PHONE, 'dark') == [], path.name


@pytest.mark.expensive
@pytest.mark.parametrize('light', ['light', 'dark'])
def test_every_page_is_accessible_in_both_themes(site, screen, light):
    for path in [site / 'index.html', *site.glob('nbs/*.html'), *site.glob('docs/*.html')]:
        assert violations(screen, path.as_uri(), WIDE, light) == [], path.name


def test_what_a_browser_finds_wrong_is_seen(screen, tmp_path):
    (tmp_path / 'a.html').write_text(
        '<html lang="en"><title>x</title><main><h1>x</h1><div style="width: 3000px">wide</div>'
        '<p style="color: #ccc">pale</p><img src="gone.png" alt="A bar"></main>'
        '<script>fetch("http://192.0.2.1/x").catch(() => {})</script>'
    )
    seen = look(screen, tmp_path / 'a.html')
    assert seen.wider and seen.images and seen.errors
    assert seen.away == ['http://192.0.2.1/x']
    told = violations(screen, (tmp_path / 'a.html').as_uri(), WIDE, 'light')
    assert [rule for rule, _ in told] == ['color-contrast']


# --- what the pages hold


def test_every_page_there_should_be_is_there_and_of_a_size_that_opens_at_once(site):
    for shelf in book.SHELVES.values():
        for name in shelf:
            assert (site / 'docs' / f'{name}.html').exists(), name
    contents = (site / 'index.html').read_text()
    assert all(f'>{shelf}</span>' in contents for shelf in book.SHELVES)
    pages = book_check.html_pages(site)
    for path in pages:  # the library's page is long, and recordings are in the page that plays them
        sounds = '<audio' in path.read_text(encoding='utf-8')
        most = 1_500_000 if path.name == 'library.html' else 1_000_000 if sounds else 600_000
        assert path.stat().st_size < most, path.name
    assert sum(path.stat().st_size for path in site.rglob('*') if path.is_file()) < 60_000_000


def test_the_button_leads_to_a_copy_without_solutions_or_outputs(site):
    assert len(book.in_book(ROOT)) >= 7
    for lesson in book.in_book(ROOT):
        html = (site / 'nbs' / f'{lesson.stem}.html').read_text()
        assert f'href="../learner/{lesson.stem}.ipynb" download' in html
        copy = nbformat.read(site / 'learner' / lesson.path.name, 4)
        assert copy.cells[0].source.startswith(f'# {lesson.title}')
        for cell in copy.cells:
            assert not {'solution', 'instructor'} & tags(cell) and not cell.get('outputs')
    assert not list(site.rglob('_sources/*')), 'the sources hold the solutions'


def test_the_landing_page_takes_its_numbers_from_where_they_are_kept(site):
    words = book_check.article_words(site / 'index.html')
    numbers = (ROOT / 'docs' / 'numbers.md').read_text()
    for what in ('lesson 1: paintings', 'the whole lesson', 'memory'):
        value = book_pages.measured(numbers, what, r'([^(;]+?)(?: \(.*| at most)?')[0]
        assert value in words, what
    for lesson in book.in_book(ROOT):
        assert lesson.title in words and f'{lesson.minutes} minutes' in words
    typed = (ROOT / 'docs' / '_pages' / 'index.md').read_text()
    for left_out in (r'(?s)\{[{%#].*?[}%#]\}', r'<[^>]+>|\]\([^)]*\)|[Ll]esson 0\d'):
        typed = re.sub(left_out, '', typed)
    assert not re.search(r'\d', typed), 'a number is typed into docs/_pages/index.md'


def test_every_command_and_variable_the_pages_name_exists():
    targets = re.findall(r'^([a-z-]+):', (ROOT / 'Makefile').read_text(), re.M)
    modules = {path.name: path.read_text() for path in (ROOT / 'whole_game').rglob('*.py')}
    code = ''.join(modules.values())
    for name in ('_pages/index', 'when_something_breaks', 'what_now', 'instructors'):
        words = (ROOT / 'docs' / f'{name}.md').read_text()
        for used in re.findall(r'(?m)(?:`|^)make ([a-z-]+)', words):
            assert used in targets, f'docs/{name}.md: make {used}'
        for used in re.findall(r'(?m)(?:`|^)whole-game ([a-z-]+)', words):
            known = used.startswith('--') or f"'{used}'" in modules['cli.py']
            assert known, f'docs/{name}.md: whole-game {used}'
        for used in re.findall(r'WHOLE_GAME_[A-Z]+', words):
            assert used in code, f'docs/{name}.md: {used}'


def test_a_number_that_is_gone_is_told(tmp_path):
    numbers = '| what | measured |\n|---|---|\n| memory | 2 GB at most |\n'
    assert book_pages.measured(numbers, 'memory', '(.+?) at most') == ('2 GB',)
    with pytest.raises(Complaint, match='0 rows that begin "lesson 1"'):
        book_pages.measured(numbers, 'lesson 1')
    with pytest.raises(Complaint, match='cannot read'):
        book_pages.measured(numbers, 'memory', '(.+?) at least')
    (tmp_path / 'index.md').write_text('It takes {{ hours }}.')
    with pytest.raises(Complaint, match='hours'):
        book_pages.render('index.md', folder=tmp_path)


def test_words_with_an_address_become_a_link():
    said = book_pages.named_links('A. Person, https://example.org/a')
    assert said == '[A. Person](https://example.org/a)'


def test_every_heading_of_a_table_has_a_word():
    told = lambda html: re.sub(' class="visually-hidden"', '', book.name_empty_headings(html))
    assert told('<tr><th>a</th><th>b</th></tr>') == '<tr><th>a</th><th>b</th></tr>'
    assert told('<tr class="x">\n<th class="head"><p></p></th><th></th></tr>') == (
        '<tr class="x">\n<th class="head"><span>what</span></th><th><span>about it</span></th></tr>'
    )


def test_addresses_only_where_there_is_one():
    words = 'See the [README](../README.md) and [lesson 1](../nbs/01_tiny.ipynb).'
    assert book.point_home(words, '') == 'See the README and [lesson 1](../nbs/01_tiny.ipynb).'
    there = book.point_home(words, 'some/course')
    assert '[README](https://github.com/some/course/blob/main/README.md)' in there
    button = book_pages.render('play_it.html', lesson=ENTRY, colab='')
    assert 'Colab' not in button
    button = book_pages.render('play_it.html', lesson=ENTRY, colab='https://colab.example/')
    assert 'href="https://colab.example/01_tiny.ipynb"' in button


# --- terms


def links(markdown):
    "(words, address, title) of the links to the glossary that a lesson of this Markdown gets."
    settings = {'report_level': 5, 'myst_enable_extensions': ['dollarmath']}
    tree = publish_doctree(markdown, parser=Parser(), settings_overrides=settings)
    before = tree.astext()
    book_terms.link_terms(tree, GLOSSARY, 'g.html')
    assert tree.astext() == before, 'the words have changed'
    found = [link for link in tree.findall(nodes.reference) if 'term' in link['classes']]
    return [(link.astext(), link['refuri'], link['reftitle']) for link in found]


def test_the_first_use_of_a_term_is_a_link_and_no_other(site):
    assert links('The batches are small. A batch is *not* the training\nset.\n\nA batch.') == [
        ('batches', 'g.html#term-batch', 'A small pack.'),
        ('training\nset', 'g.html#term-training-set', 'What it learns from.'),
    ]
    html = next(site.glob('nbs/01_*.html')).read_text()
    assert len(re.findall(r'<a class="term [^>]*href="../docs/glossary.html#term-', html)) > 10


@pytest.mark.parametrize(
    'words',
    [
        '## A batch',
        '`batch`',
        '```\nbatch\n```',
        '[a batch](https://example.org)',
        '![a batch](x.png)',
        '> a batch',
        '$batch$',
        '$$\nbatch\n$$',
        '<img alt="a batch">',
        '<summary>a batch</summary>',
        'batch_size',
        'a.batch',
        'minibatch',
        'https://example.org/batch',
        'a learner',
    ],
)
def test_no_link_where_none_belongs(words):
    assert links(words) == []


@pytest.mark.parametrize(
    'words, term',
    [('categories', 'category'), ('losses', 'loss'), ('Loss', 'loss'), ('the Learner', 'learner')],
)
def test_other_forms_of_a_term(words, term):
    assert [address for _, address, _ in links(words)] == [f'g.html#term-{term}']


def test_a_term_that_a_lesson_introduces_in_bold_is_linked_there():
    lesson = 'Read the {} on the tin.\n\nThat is its **label**. A label helps.'
    tree = publish_doctree(lesson.format('label'), parser=Parser())
    book_terms.link_terms(tree, GLOSSARY)
    (link,) = tree.findall(nodes.reference)
    assert isinstance(link.parent, nodes.strong)
    table = '| a | b |\n|---|---|\n| x | **loss** |\n'
    assert links(f'A loss.\n\n{table}')[0][0] == 'loss'
    assert not book_terms.introduced(publish_doctree(table, parser=Parser()), GLOSSARY)


def test_a_glossary_entry_of_another_form_is_told():
    said = book_pages.glossary_page('# Glossary\n\n**Batch** (01): a pack.\n', [ENTRY])
    assert '<dt id="term-batch">' in said and '[lesson 01](../nbs/01_tiny.ipynb)' in said
    with pytest.raises(Complaint, match='not of the form'):
        book_pages.glossary_page('# Glossary\n\n**Batch** - a pack.\n')


# --- a lesson


def lesson_cells(*cells, folder=None):
    nb = new_notebook(cells=[new_markdown_cell('# A tiny lesson'), *cells])
    return book_lesson.lesson_page(nb, ENTRY, folder).cells


def test_a_picture_has_the_words_that_its_cell_carries():
    outputs = [shown(image_png=picture())]
    drawn = new_code_cell('draw()', outputs=outputs, metadata={'alt': 'A "black" bar.'})
    cell = lesson_cells(drawn)[-1]
    assert cell.metadata['mystnb']['image']['alt'] == "A 'black' bar."
    for alt in ({}, {'alt': ' '}):
        with pytest.raises(Complaint, match=r'01_tiny: .*\n +draw\(\)'):
            lesson_cells(new_code_cell('x = 1\ndraw()', outputs=outputs, metadata=alt))


def test_an_attached_picture_becomes_a_file(tmp_path):
    cover = new_markdown_cell('![A black bar.](attachment:cover.jpg)', metadata={'tags': ['cover']})
    with pytest.raises(Complaint, match='not attached'):
        lesson_cells(nbformat.from_dict(dict(cover)), folder=tmp_path)
    cover.attachments = {'cover.jpg': {'image/jpeg': picture()}}
    raw, words = book_lesson.cover(new_notebook(cells=[cover]))
    assert words == 'A black bar.'
    source = lesson_cells(cover, folder=tmp_path)[-1].source
    assert (tmp_path / re.search(r'\((.+)\)', source)[1]).read_bytes() == raw


def test_what_is_for_instructors_is_left_out(site):
    hidden = new_markdown_cell('Ask the room.', metadata={'tags': ['instructor']})
    said = [cell.source for cell in lesson_cells(hidden, new_code_cell('1 + 1'))]
    assert '1 + 1' in said and hidden.source not in said
    for lesson in book.in_book(ROOT):
        words = book_check.article_words(site / 'nbs' / f'{lesson.stem}.html').translate(QUOTES)
        for cell in nbformat.read(lesson.path, 4).cells:
            if cell.cell_type == 'markdown' and 'instructor' in tags(cell):
                assert plain(cell.source).translate(QUOTES)[:40] not in words, lesson.stem


def test_a_run_of_solutions_is_one_box():
    solution = {'tags': ['solution']}
    cells = book_lesson.fold(
        [
            new_markdown_cell('Try.'),
            new_markdown_cell('One solution:', metadata=solution),
            new_code_cell('answer = 2', metadata=solution),
            new_markdown_cell('Good.'),
            new_code_cell('3', metadata=solution),
        ]
    )
    box = '<details class="solution">\n<summary>One solution</summary>'
    assert [cell.source for cell in cells] == (
        ['Try.', box, 'answer = 2', '</details>', 'Good.', box, '3', '</details>']
    )


def test_what_the_course_itself_says_is_no_traceback():
    said = 'What happened: `a` met `b`.\nWhat to do now: look.'
    ours = new_output('error', ename='CourseError', evalue=said, traceback=[said])
    theirs = new_output('error', ename='ValueError', evalue='no', traceback=['no'])
    cells = lesson_cells(new_code_cell('f()', outputs=[ours, theirs]))
    kinds = [(out.output_type, out.get('text')) for out in cells[-1].outputs]
    assert kinds == [('stream', said), ('error', None)]


# --- the library


def library_page(tmp_path, monkeypatch, source):
    "The library's page when whole_game is one module."
    (tmp_path / 'tiny_module.py').write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(importlib.sys.modules, 'tiny_module', raising=False)
    module = importlib.import_module('tiny_module')
    entries = book_library.entries(module)
    listed = SimpleNamespace(name='tiny', doc=module.__doc__, entries=entries)
    return book_pages.render('library.md', modules=[listed])


def test_a_module_as_a_page(tmp_path, monkeypatch):
    said = library_page(
        tmp_path,
        monkeypatch,
        '''"What m is for. And more."
from dataclasses import dataclass, field
__all__ = ['f', 'C', 'D', 'x']
x = 1
def f(
    a:int,   # The first
    b=2,     # The second
    *,
    c=None,
    d=float,
):
    "Does it."
@dataclass
class C:
    "A thing."
    n:int  # How many
    m:list = field(default_factory=list)
    def go(self): "Goes."
    @property
    def size(self): "How big."
    @classmethod
    def new(cls, n): "A new one."
    def _hidden(self): "No."
    def silent(self): pass
class D: pass
def private(): "No."
''',
    )
    assert '| [tiny](#tiny) | What m is for. |' in said and 'And more.' in said
    assert '{py:function} f(a, b=2, *, c=None, d=float)' in said
    assert '- **a**: The first' in said and '- **b**: The second' in said
    assert '{py:class} C(n, m=...)' in said and '- **n**: How many' in said
    assert '{py:method} C.go()' in said and '{py:method} C.new(n)' in said
    assert '{py:property} C.size\n' in said
    assert not re.search('private|_hidden|silent|{py:class} D|<class', said)


def test_a_method_that_a_class_was_given_afterwards_is_on_the_page(tmp_path, monkeypatch):
    said = library_page(
        tmp_path,
        monkeypatch,
        '''"What m is for."
from fastcore.basics import patch
__all__ = ['C', 'D']
class C: "A thing."
class D: "Another."
@patch
def go(self:C,
    far=1, # How far
):
    "Goes."
@patch
def _hidden(self:C): "No."
@patch
def stop(self:D): "Stops."
@patch
def silent(self:C): pass
def loose(self:C): "No method."
''',
    )
    assert '{py:method} C.go(far=1)' in said and '- **far**: How far' in said
    assert '{py:method} D.stop()' in said
    assert not re.search(r'_hidden|silent|loose|D\.go|C\.stop', said)


def test_the_whole_library_is_on_the_page(site):
    words = book_check.article_words(site / 'docs' / 'library.html')
    exported = [
        path.relative_to(ROOT).with_suffix('').as_posix().replace('/', '.')
        for path in (ROOT / 'whole_game').rglob('*.py')
        if re.search(r'^__all__ = \[.', path.read_text(), re.M)
    ]
    public = [name for name in exported if not re.search(r'\.(exercises|_)', name)]
    assert len(public) > 30
    assert [name for name in public if f' {name} ' not in words] == []
    assert 'whole_game.exercises' not in words
    # what lessons give their classes, and what is said of their parameters
    for method in (
        'Value.sum',
        'Value.relu',
        'Optimiser.step',
        'Optimiser.zero_grad',
        'Layer.train',
    ):
        assert f'{method}(' in words.replace(' ', ''), method
    for name, first, second in (
        ('BatchNorm2d', 'channels', 'momentum'),
        ('Residual', 'inputs', 'outputs'),
    ):
        assert re.search(rf'class {name} ?\(.{{0,400}}{first}: .{{0,200}}{second}: ', words), name


def test_sub_packages_are_walked_and_an_empty_library_is_told(tmp_path, monkeypatch):
    for name in (
        '__init__',
        'flat',
        '_odd',
        'exercises_01',
        'own/__init__',
        'own/optim',
        'exercises/__init__',
        'exercises/first',
    ):
        book.put(tmp_path / 'tiny_package' / f'{name}.py', '')
    monkeypatch.syspath_prepend(tmp_path)
    assert book_library.modules('tiny_package') == [
        'tiny_package.flat',
        'tiny_package.own',
        'tiny_package.own.optim',
    ]
    with pytest.raises(Complaint, match='library page would be empty'):
        book_library.library('tiny_package')


# --- breaking it


def test_what_is_wrong_with_a_page_is_seen(tmp_path):
    (tmp_path / 'other.html').write_text('<p id="here">x</p>')
    sound = (
        '<a href="other.html#here">a</a><a href="https://example.org">b</a><img src="p.png" alt="A'
        ' bar"><link rel="canonical" href="https://example.org/">'
    )
    (tmp_path / 'p.png').write_bytes(b'')
    (tmp_path / 'a.html').write_text(sound)
    assert book_check.faults(tmp_path) == []
    for bad, word in (
        ('<img src="p.png">', 'no words'),
        ('<img src="p.png" alt=" ">', 'no words'),
        ('<a href="gone.html">x</a>', 'leads nowhere'),
        ('<a href="other.html#gone">x</a>', 'no place'),
        ('<img src="gone.png" alt="A bar">', 'leads nowhere'),
        ('<script src="https://cdn.example.org/x.js"></script>', 'another machine'),
        ('<link rel="stylesheet" href="//fonts.example.org/x.css">', 'another machine'),
        ('<img alt="A bar" src="http://example.org/x.png">', 'another machine'),
        ('<object data="https://example.org/x.svg"></object>', 'another machine'),
    ):
        (tmp_path / 'a.html').write_text(sound + bad)
        (told,) = book_check.faults(tmp_path)
        assert word in told and told.startswith('a.html')
    (tmp_path / 'a.html').write_text(sound)
    (tmp_path / 's.css').write_text('@import "https://fonts.example.org/x.css";')
    assert 's.css' in book_check.faults(tmp_path)[0]


def test_formulas_need_no_script_and_one_that_cannot_be_read_stops_sphinx(screen, tmp_path):
    src = tmp_path / 'src'
    for name in ('_static', '_templates'):
        shutil.copytree(ROOT / 'docs' / name, src / name)
    (src / '_extra').mkdir()
    shutil.copy(ROOT / 'docs' / 'conf.py', src / 'conf.py')
    sound = (
        '# Sound\n\nA mean $\\bar{x}$ and\n\n$$L = \\frac{1}{n}\\sum_{i=1}^{n} (y_i - x_i)^2$$\n'
    )
    (src / 'sound.md').write_text(sound)
    broken = 'See [this](nowhere.md), and $\\nonsense{x}$.\n'
    (src / 'index.md').write_text(f'# A page\n\n{broken}\n```{{toctree}}\nsound\n```\n')
    with pytest.raises(Complaint) as told:
        book.sphinx(src, tmp_path / 'site')
    assert 'nowhere.md' in str(told.value) and 'cannot be turned into MathML' in str(told.value)
    assert 'sound.md' not in str(told.value)
    visit(screen, (tmp_path / 'site' / 'sound.html').as_uri())
    assert screen.locator('math').count() == 2 and screen.locator('.formula mfrac').count() == 1
    assert screen.locator('.formula math').bounding_box()['height'] > 20
    assert '\\' not in screen.locator('.bd-article').inner_text()
    assert screen.away == [] and screen.errors == []


def test_the_search_knows_the_words_of_each_page(site):
    listed = (site / '_static' / 'words.js').read_text()
    words = json.loads(listed.removeprefix('window.bookWords = ').removesuffix(';\n'))
    assert 'search.html' not in words and 'overfitting' in words['docs/glossary.html'].lower()
