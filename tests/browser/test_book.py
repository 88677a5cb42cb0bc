"""The book: built once from the real lessons, then read in a real browser, wide and on a telephone,
opened from the disk.

The small tests break one thing each (a picture without words, a link to nowhere, a request to
another machine, a formula) and see it found.
"""

import re
import shutil
from types import SimpleNamespace

import nbformat
import pytest
from browser import page
from course_fixtures import picture, shown
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course import book, colab, learner
from course.common import ROOT, Complaint

QUOTES = str.maketrans('“”‘’', '""\'\'')
WIDE, PHONE = (1440, 900), (390, 844)
ENTRY = SimpleNamespace(stem='01_tiny', title='A tiny lesson', part='Play', minutes=30)
GLOSSARY = {
    'Batch': (['01'], 'A small pack.'),
    'Training set': (['01'], 'What it *learns* from.'),
    'Category': (['01'], 'One label.'),
    'Loss': ([], 'How wrong.'),
    'Learner': (['01'], "fastai's."),
    'Label': (['01'], 'An answer.'),
}


@pytest.fixture(scope='module')
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp('book')
    book.build(ROOT, folder / 'src', folder / 'site')
    return folder / 'site'


def pages(site):
    return sorted(
        path for path in site.rglob('*.html') if '_static' not in path.relative_to(site).parts
    )


def the_lesson(site, number='01'):
    return next((site / 'nbs').glob(f'{number}_*.html'))


# --- in a browser


@pytest.mark.parametrize('size', [WIDE, PHONE], ids=['wide', 'phone'])
def test_every_page_opens_from_the_disk_and_asks_nothing_of_the_network(site, size):
    with page(*size) as p:
        for path in pages(site):
            p.goto(path.as_uri())
            assert p.away == [] and p.errors == [], path.name
            assert p.evaluate(
                'document.documentElement.scrollWidth <= document.documentElement.clientWidth'
            ), f'{path.name} is wider than the screen'
            assert (
                p.evaluate(
                    '[...document.images].filter(i => !i.complete || !i.naturalWidth ||'
                    ' !i.alt.trim() && !i.closest(".home")).map(i => i.src)'
                )
                == []
            ), path.name
            assert (
                p.evaluate(
                    "document.fonts.ready.then(() => [...document.fonts].filter(f => f.status ==="
                    " 'error').length)"
                )
                == 0
            ), path.name


@pytest.mark.parametrize('size', [WIDE, PHONE], ids=['wide', 'phone'])
def test_search_finds_overfitting_and_shows_words_around_it(site, size):
    with page(*size) as p:
        p.goto((site / 'index.html').as_uri())
        p.locator('button.search-button:visible, .search-button-field:visible').first.click()
        p.keyboard.type('overfitting')
        p.keyboard.press('Enter')
        p.wait_for_selector('#search-results ul.search > li p.context')
        found = p.locator('#search-results ul.search > li').all_inner_texts()
        assert any('Glossary' in words for words in found) and any(
            'Train a classifier' in words for words in found
        )
        assert all(re.search('overfit', words, re.I) for words in found)
        assert p.away == [] and p.errors == []


def test_every_quiz_answers(site):
    with page(*PHONE) as p:
        for entry in book.in_book(ROOT):
            p.goto((site / 'nbs' / f'{entry.stem}.html').as_uri())
            for question in p.locator('.Quiz').all():
                question.locator('.MCButton').last.click()
                assert question.locator('.Feedback').inner_text().strip(), entry.stem
            assert p.locator('.Quiz').count() >= 5 and p.away == [] and p.errors == []


def test_solutions_are_folded_and_open_on_a_click(site):
    with page(*PHONE) as p:
        p.goto(the_lesson(site).as_uri())
        box = p.locator('details.solution').first
        assert not box.locator('pre').first.is_visible()
        box.locator('summary').click()
        assert box.locator('pre').first.is_visible()


def test_a_telephone_shows_a_table_with_long_cells_row_by_row(site):
    tops = (
        '[...document.querySelectorAll("table.wordy tbody tr")].map(row => new'
        ' Set([...row.cells].map(c => c.getBoundingClientRect().top)).size > 1)'
    )
    for size, stacked in ((WIDE, False), (PHONE, True)):
        with page(*size) as p:
            p.goto((site / 'docs' / 'what_now.html').as_uri())
            assert set(p.evaluate(tops)) == {stacked}


@pytest.mark.parametrize(
    ('size', 'light'), [(WIDE, 'light'), (PHONE, 'dark')], ids=['wide light', 'phone dark']
)
def test_accessible_says_axe(site, size, light):
    from axe_playwright_python.sync_playwright import Axe

    with page(*size) as p:
        p.emulate_media(color_scheme=light, reduced_motion='reduce')
        for address in (
            'index.html',
            the_lesson(site).relative_to(site),
            'docs/glossary.html',
            'docs/cards.html',
            'docs/instructors.html',
            'search.html?q=overfitting',
        ):
            p.goto(f'{site.as_uri()}/{address}')
            if 'search' in str(address):
                p.wait_for_selector('#search-results p.context')
            for summary in p.locator('.bd-article summary').all():
                summary.click()
            for question in p.locator('.Quiz').all():
                question.locator('.MCButton').first.click()
            found = [
                (v['id'], [node['html'][:120] for node in v['nodes']][:3])
                for v in Axe().run(p).response['violations']
            ]
            assert found == [], address


def test_formulas_are_drawn_without_a_script(tmp_path):
    src = mini(
        tmp_path,
        'A mean $\\bar{x}$ and\n\n$$L = \\frac{1}{n}\\sum_{i=1}^{n} (y_i - \\hat{y}_i)^2$$\n',
    )
    book.sphinx(src, tmp_path / 'site')
    with page(*WIDE) as p:
        p.goto((tmp_path / 'site' / 'index.html').as_uri())
        assert (
            p.locator('math').count() == 2
            and p.locator('.formula math').bounding_box()['height'] > 20
        )
        assert (
            p.locator('.formula mfrac').count() == 1
            and '\\' not in p.locator('.bd-article').inner_text()
        )
        assert p.away == [] and p.errors == []


def mini(folder, words):
    "A book of one page."
    src = folder / 'src'
    for name in ('_static', '_templates'):
        shutil.copytree(ROOT / 'docs' / name, src / name)
    (src / '_extra').mkdir()
    shutil.copy(ROOT / 'docs' / 'conf.py', src / 'conf.py')
    (src / 'index.md').write_text('# A page\n\n' + words)
    return src


# --- what the pages hold


def test_every_page_there_should_be_is_there_and_of_a_size_that_opens_at_once(site):
    for name in (
        'glossary',
        'when_something_breaks',
        'what_now',
        'cards',
        'library',
        'credits',
        'instructors',
    ):
        assert (site / 'docs' / f'{name}.html').exists(), name
    assert '>Teach it</span>' in (site / 'index.html').read_text()
    library = book.spoken(site / 'docs' / 'library.html')
    for path in (ROOT / 'whole_game').glob('[a-z]*.py'):
        assert path.stem.startswith('exercises_') or f'whole_game.{path.stem} ' in library, (
            path.stem
        )
    assert max(path.stat().st_size for path in pages(site)) < 600_000
    assert sum(path.stat().st_size for path in site.rglob('*') if path.is_file()) < 40_000_000


def test_the_button_leads_to_the_learners_copy(site):
    assert len(book.in_book(ROOT)) >= 7
    for entry in book.in_book(ROOT):
        assert (
            f'href="../learner/{entry.stem}.ipynb"'
            in (site / 'nbs' / f'{entry.stem}.html').read_text()
        )
        assert nbformat.read(site / 'learner' / entry.path.name, 4) == learner.strip(
            nbformat.read(entry.path, 4)
        )
    assert not list(site.rglob('_sources')), 'the sources hold the solutions'


def test_the_landing_page_takes_its_numbers_from_where_they_are_kept(site):
    words = book.spoken(site / 'index.html')
    rows = book.measured((ROOT / 'docs' / 'numbers.md').read_text())
    assert (
        ' of '.join(re.match(r'(\d+) of (\d+)', book.said_of(rows, 'lesson 1: paintings')).groups())
        in words
        and book.said_of(rows, 'the whole lesson') in words
    )
    for entry in book.in_book(ROOT):
        assert entry.title in words and f'{entry.minutes} minutes' in words
    typed = re.sub(
        r'\$\w+|lesson 0\d|Lesson 0\d|<[^>]+>|\]\([^)]*\)',
        '',
        (ROOT / 'docs' / 'index.md').read_text(),
    )
    assert not re.search(r'\d', typed), 'a number is typed into docs/index.md'


def test_every_command_and_variable_the_pages_name_exists():
    targets = re.findall(r'^([a-z-]+):', (ROOT / 'Makefile').read_text(), re.M)
    code, commands = (
        ''.join(path.read_text() for path in (ROOT / 'whole_game').glob('*.py')),
        (ROOT / 'whole_game' / 'cli.py').read_text(),
    )
    pages = [*ROOT.glob('*.md'), *(ROOT / 'docs').glob('*.md')]
    for path in sorted(path for path in pages if path.stem not in ('CHANGELOG', 'glossary')):
        words, name = path.read_text(), path.name
        for used in re.findall(r'(?m)(?:`|^)make ([a-z-]+)', words):
            assert used in targets, f'{name}: make {used}'
        for used in re.findall(r'(?m)(?:`|^)whole-game ([a-z-]+)', words):
            assert used.startswith('--') or f"'{used}'" in commands, f'{name}: whole-game {used}'
        for used in re.findall(r'WHOLE_GAME_[A-Z]+', words):
            assert used in code, f'{name}: {used}'


# --- terms


def test_the_first_use_of_a_term_is_a_link_and_no_other(site):
    seen = set()
    said = book.linked('The batches are small. A batch is *not* the training\nset.', GLOSSARY, seen)
    assert (
        said.count('<a ') == 2
        and '>batches</a> are small. A batch is' in said
        and '>training\nset</a>' in said
        and 'title="What it learns from."' in said
    )
    assert (
        seen == {'Batch', 'Training set'}
        and book.linked('A batch again.', GLOSSARY, seen) == 'A batch again.'
    )
    assert len(re.findall('class="term"', the_lesson(site).read_text())) > 10


@pytest.mark.parametrize(
    'words',
    [
        '## A batch',
        '`batch`',
        '```\nbatch\n```',
        '[a batch](x.ipynb)',
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
        '**Before you run the batch:**',
        'a learner',
    ],
)
def test_no_link_where_none_belongs(words):
    assert book.linked(words, GLOSSARY, set()) == words


def test_other_forms_of_a_term():
    for words, term in (
        ('categories', 'category'),
        ('losses', 'loss'),
        ('Loss', 'loss'),
        ('a `Learner`, the Learner', 'learner'),
    ):
        assert f'#term-{term}"' in book.linked(words, GLOSSARY, set()), words


def test_a_term_that_a_lesson_introduces_in_bold_is_linked_there():
    cells = [
        new_markdown_cell('Read the label on the tin.'),
        new_markdown_cell('That is its **label**. A label helps. | **loss** |'),
    ]
    seen, waiting = set(), book.introduced(cells, GLOSSARY)
    assert book.linked(cells[0].source, GLOSSARY, seen, waiting) == cells[0].source
    assert '**<a ' in book.linked(cells[1].source, GLOSSARY, seen, waiting)


def test_an_entry_of_another_form_is_told():
    with pytest.raises(Complaint, match='not of the form'):
        book.glossary_page('# Glossary\n\n**Batch** - a pack.\n', {})


# --- pictures and their words


def drawn(*after, before='Now draw.', tags=()):
    cells = [
        new_markdown_cell('# A tiny lesson'),
        new_markdown_cell(before),
        new_code_cell(
            'draw()', outputs=[shown(image_png=picture())], metadata={'tags': list(tags)}
        ),
    ]
    return new_notebook(cells=cells + list(after))


def alt(nb):
    "The words that the picture has on the page."
    return next(
        cell.metadata['mystnb']['image']['alt']
        for cell in book.page(nb, ENTRY, {}).cells
        if cell.source == 'draw()'
    )


def test_the_words_of_a_picture_are_those_beside_it():
    assert (
        alt(
            drawn(
                new_markdown_cell(
                    'Do you see it? A *black* bar on white, from left to right. Is it short? It is.'
                )
            )
        )
        == 'A black bar on white, from left to right.'
    )
    assert (
        alt(
            drawn(
                new_markdown_cell(
                    'A black bar on white, from left to right. (I drew it.) Look closely.'
                )
            )
        )
        == 'A black bar on white, from left to right.'
    )
    assert (
        alt(
            drawn(
                new_markdown_cell('And now the noise:'),
                new_code_cell('x'),
                new_markdown_cell('Two bars, one of them long and one short.'),
            )
        )
        == 'Two bars, one of them long and one short.'
    )
    assert (
        alt(
            drawn(
                new_markdown_cell('## Next\n\nSomething else altogether, which is long enough.'),
                before='A black bar on white: that is what comes out.',
            )
        )
        == 'A black bar on white: that is what comes out.'
    )
    assert alt(drawn(new_markdown_cell('Nice.\n\n<!-- alt: A black bar. -->'))) == 'A black bar.'


def test_a_picture_that_is_also_the_cover_has_the_covers_words():
    nb = drawn(
        new_markdown_cell('It is the picture from the top of the page, made by you.'),
        before='![A black bar.](attachment:cover.jpg)',
        tags=['cover-source'],
    )
    nb.cells[1].update(
        metadata={'tags': ['cover']}, attachments={'cover.jpg': {'image/jpeg': picture()}}
    )
    assert alt(nbformat.from_dict(nb)) == 'A black bar.'


def test_a_picture_without_words_is_refused():
    for after in (
        [],
        [new_markdown_cell('See?')],
        [new_markdown_cell('## Next\n\nSomething else altogether, which is long enough.')],
        [new_markdown_cell('**Before you run this:** what do you expect of the next one?')],
    ):
        with pytest.raises(Complaint, match='01_tiny: the picture below "draw\\(\\)" has no words'):
            book.page(drawn(*after), ENTRY, {})


# --- a lesson


def test_what_is_for_instructors_or_for_colab_is_left_out(site):
    hidden = [
        new_markdown_cell('Ask the room.', metadata={'tags': ['instructor']}),
        new_markdown_cell('On Colab, run this.', metadata={'tags': ['colab']}),
        new_code_cell('%pip install it', metadata={'tags': ['colab']}),
    ]
    said = [
        cell.source
        for cell in book.page(
            new_notebook(
                cells=[new_markdown_cell('# A tiny lesson'), *hidden, new_code_cell('1 + 1')]
            ),
            ENTRY,
            {},
        ).cells
    ]
    assert '1 + 1' in said and not any(cell.source in said for cell in hidden)
    for entry in book.in_book(ROOT):
        words = book.spoken(site / 'nbs' / f'{entry.stem}.html').translate(QUOTES)
        for cell in nbformat.read(entry.path, 4).cells:
            if (
                cell.cell_type == 'markdown'
                and book.plain(cell.source).translate(QUOTES)[:40] in words
            ):
                assert not book.NOT_HERE & book.tags(cell), entry.stem
        assert 'google.colab' not in words


def test_a_run_of_solutions_is_one_box():
    s = {'tags': ['solution']}
    cells = book.fold(
        [
            new_markdown_cell('Try.'),
            new_markdown_cell('One solution:', metadata=s),
            new_code_cell('answer = 2', metadata=s),
            new_markdown_cell('Good.'),
            new_code_cell('3', metadata=s),
        ]
    )
    said = [cell.source for cell in cells]
    assert said == [
        'Try.',
        '<details class="solution">\n<summary>One solution</summary>',
        'answer = 2',
        '</details>',
        'Good.',
        '<details class="solution">\n<summary>One solution</summary>',
        '3',
        '</details>',
    ]


def test_every_heading_of_a_table_has_a_word():
    assert book.headed('| a | b |\n|---|---|\n| | 1 |') == '| a | b |\n|---|---|\n| | 1 |'
    assert (
        re.sub('<.*?>', '', book.headed('| | |\n|:--|:--|\n| x | |'))
        == '| what | about it |\n|:--|:--|\n| x | |'
    )
    assert (
        re.sub('<.*?>', '', book.headed('| | near | far |\n|---|---|---|'))
        == '| what | near | far |\n|---|---|---|'
    )
    assert (
        book.headed('<th style="x"></th><th>a</th>')
        == '<th style="x"><span class="visually-hidden">what</span></th><th>a</th>'
    )


def test_addresses_only_where_there_is_one(tmp_path):
    words = 'See the [README](../README.md) and [lesson 1](../nbs/01_tiny.ipynb).'
    (tmp_path / 'pyproject.toml').write_text('[project]\nname = "x"\nversion = "1"\n')
    assert 'Colab' not in book.bar(ENTRY, colab.address(tmp_path))
    assert book.at_home(words, '') == 'See the README and [lesson 1](../nbs/01_tiny.ipynb).'
    (tmp_path / 'there').mkdir()
    (tmp_path / 'there' / 'pyproject.toml').write_text(
        '[project]\nname = "x"\nversion = "1"\n[project.urls]\nRepository ='
        ' "https://github.com/some/course"\n'
    )
    assert (
        'href="https://colab.research.google.com/github/some/course/blob/learner/01_tiny.ipynb"'
        in book.bar(ENTRY, colab.address(tmp_path / 'there'))
    )
    assert '[README](https://github.com/some/course/blob/main/README.md)' in book.at_home(
        words, 'some/course'
    )


# --- the library


def test_a_module_as_a_page(tmp_path):
    (tmp_path / 'm.py').write_text(
        '"What m is for."\n__all__ = ["f", "C", "x"]\nx = 1\ndef f(\n    a,  # The first\n    b=2,'
        ' # The second\n    *,\n    c=None,\n):\n    "Does it."\nclass C:\n    "A thing."\n   '
        ' n:int  # How many\n    def go(self):\n        "Goes."\n    def _hidden(self): "No."\ndef'
        ' private(): "No."\n'
    )
    said = book.api(tmp_path / 'm.py')
    assert (
        '## whole_game.m' in said
        and 'What m is for.' in said
        and '{py:function} f(a, b=2, *, c=None)' in said
    )
    assert (
        '- **a**: The first' in said
        and '- **b**: The second' in said
        and '- **n**: How many' in said
        and '{py:method} C.go()' in said
    )
    assert 'private' not in said and '_hidden' not in said


def test_a_method_that_a_class_was_given_afterwards_is_on_the_page(tmp_path):
    (tmp_path / 'm.py').write_text(
        '"What m is for."\n__all__ = ["C", "D"]\nclass C:\n    "A thing."\nclass D:\n   '
        ' "Another."\n@patch\ndef go(self:C,\n    far=1, # How far\n):\n    "Goes."\n@patch\ndef'
        ' _hidden(self:C): "No."\n@patch\ndef stop(self:D): "Stops."\n@patch\ndef silent(self:C):'
        ' pass\ndef loose(self:C): "No method."\n@other\ndef marked(self:C): "No."\n'
    )
    said = book.api(tmp_path / 'm.py')
    assert (
        '{py:method} C.go(far=1)' in said
        and '- **far**: How far' in said
        and '{py:method} D.stop()' in said
    )
    assert not any(
        word in said for word in ('_hidden', 'silent', 'loose', 'marked', 'D.go', 'C.stop')
    )


@pytest.mark.parametrize(
    'module, methods',
    [('autograd', ('sum', 'mean', 'relu', 'exp', 'log')), ('optim', ('step', 'zero_grad', 'move'))],
)
def test_what_lessons_give_their_classes_is_on_the_page(module, methods):
    said = book.api(ROOT / 'whole_game' / f'{module}.py')
    for name in methods:
        assert f'.{name}(' in said, name


def test_the_parameters_of_the_optimisers_are_told():
    said = book.api(ROOT / 'whole_game' / 'optim.py')
    for name in ('SGD', 'RMSProp', 'Adam'):
        part = said[said.index(f'{{py:class}} {name}(') :].split(':::')[0]
        assert '- **params**: ' in part and '- **lr**: ' in part, name


# --- breaking it


def test_what_is_wrong_with_a_page_is_seen(tmp_path):
    (tmp_path / 'other.html').write_text('<p id="here">x</p>')
    sound = (
        '<a href="other.html#here">a</a><a href="https://example.org">b</a><img src="p.png" alt="A'
        ' bar"><link rel="canonical" href="https://example.org/">'
    )
    (tmp_path / 'p.png').write_bytes(b'')
    (tmp_path / 'a.html').write_text(sound)
    assert book.faults(tmp_path) == []
    for bad, word in (
        ('<img src="p.png">', 'no words'),
        ('<img src="p.png" alt=" ">', 'no words'),
        ('<a href="gone.html">x</a>', 'leads nowhere'),
        ('<a href="other.html#gone">x</a>', 'no place'),
        ('<img src="gone.png" alt="A bar">', 'leads nowhere'),
        ('<script src="https://cdn.example.org/x.js"></script>', 'another machine'),
        ('<link rel="stylesheet" href="//fonts.example.org/x.css">', 'another machine'),
        ('<img alt="A bar" src="http://example.org/x.png">', 'another machine'),
    ):
        (tmp_path / 'a.html').write_text(sound + bad)
        (told,) = book.faults(tmp_path)
        assert word in told and told.startswith('a.html')
    (tmp_path / 'a.html').write_text(sound)
    (tmp_path / 's.css').write_text('@import "https://fonts.example.org/x.css";')
    assert 's.css' in book.faults(tmp_path)[0]


def test_a_request_that_a_script_makes_is_seen(tmp_path):
    (tmp_path / 'a.html').write_text(
        '<title>x</title><script>fetch("http://192.0.2.1/x").catch(() => {})</script>'
    )
    with page(*WIDE) as p:
        with p.expect_event('requestfailed'):
            p.goto((tmp_path / 'a.html').as_uri())
        assert p.away == ['http://192.0.2.1/x']


def test_sphinx_stops_at_a_link_to_nowhere_and_at_a_formula_it_cannot_read(tmp_path):
    with pytest.raises(Complaint) as told:
        book.sphinx(
            mini(tmp_path, 'See [this](nowhere.md), and $\\nonsense{x}$.\n'), tmp_path / 'site'
        )
    assert 'nowhere.md' in str(told.value) and 'cannot be turned into MathML' in str(told.value)


def test_a_number_that_is_gone_is_told(tmp_path):
    with pytest.raises(Complaint, match='no table'):
        book.measured('# README')
    with pytest.raises(Complaint, match='one row'):
        book.said_of({'memory': '2 GB'}, 'lesson 1')
    (tmp_path / 'index.md').write_text('It takes $hours.')
    with pytest.raises(Complaint, match='hours'):
        book.filled(tmp_path / 'index.md', {})


def test_what_the_course_itself_says_is_no_traceback():
    said = 'What happened: `a` met `b`.\nWhat to do now: look.'
    nb = new_notebook(
        cells=[
            new_markdown_cell('# A tiny lesson'),
            new_code_cell(
                'f()',
                outputs=[new_output('error', ename='CourseError', evalue=said, traceback=[said])],
            ),
            new_code_cell(
                'g()',
                outputs=[new_output('error', ename='ValueError', evalue='no', traceback=['no'])],
            ),
        ]
    )
    kinds = [
        (out.output_type, out.get('text'))
        for cell in book.page(nb, ENTRY, {}).cells
        for out in cell.get('outputs', [])
    ]
    assert kinds == [('stream', said), ('error', None)]
