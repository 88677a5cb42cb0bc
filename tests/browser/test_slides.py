"""The slides: the rule on tiny notebooks; what the decks of the lessons hold; then every slide of
every lesson in a real browser, opened from the disk.

Each check of the browser's is shown to fail once, on a deck that was broken on purpose.
"""

import re
from types import SimpleNamespace

import nbformat
import pytest
from bs4 import BeautifulSoup
from course_fixtures import lesson, picture, printed, project, result, shown
from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.v4 import new_code_cell, new_markdown_cell

from course import slides
from course.book import in_book
from course.cells import tags
from course.common import ROOT, Complaint

ENTRY = SimpleNamespace(stem='01_tiny', title='Tiny', promise='You will have added.', minutes=30)
FIRST = '# Tiny\n\n> You will have added.\n\nBefore this: nothing.'
SOLUTION, FOR_ME = {'tags': ['solution']}, {'tags': ['instructor']}
WHY = [
    {'answer': 'Three', 'why': 'One too many.'},
    {'answer': 'Two', 'right': True, 'why': 'Count your thumbs.'},
]


def md(words, **metadata):
    return new_markdown_cell(words, metadata=metadata)


def code(source, *outputs, **metadata):
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


def deck(*cells, questions=()):
    "The slides of a lesson with these cells after its first: what each shows, and its notes."
    found = []
    for cell in slides.Deck(ENTRY, [md(FIRST), *cells], questions).cells:
        told = cell.metadata['slideshow']
        if told['slide_type'] == 'slide':
            found.append(SimpleNamespace(**told['data'], shows=[], notes='', cells=[]))
        if told['slide_type'] == 'notes':
            found[-1].notes += cell.source + '\n'
        else:
            found[-1].cells.append(cell)
            found[-1].shows += filter(None, [cell.source])
    return found


# --- the rule


def test_the_first_slide_is_the_title_and_the_promise():
    (title,) = deck()
    assert title.state == 'title' and 'Lesson 01 · 30 minutes' in title.section
    assert title.shows == ['# Tiny\n\nYou will have added.'] and 'nothing' in title.notes


def test_code_and_its_output_are_a_slide_below_the_paragraph_before_them():
    _, add, more = deck(
        md('## Add\n\nPython adds.'),
        code('1 + 1', result('2')),
        md('Two, as you see.\n\nNow three numbers:'),
        code('1 + 1 + 1', result('3')),
    )
    assert add.shows == ['## Add\n\nPython adds.\n\n', '1 + 1'] and add.section == ''
    assert add.cells[-1].outputs and 'Two, as you see.' in add.notes
    assert more.shows == ['Now three numbers:\n\n', '1 + 1 + 1'] and more.section == 'Add'


def test_a_heading_with_a_story_of_its_own_has_a_slide_of_its_own():
    _, story, games, chess = deck(
        md('## Add\n\nPeople counted on fingers.\n\nIt took days.'),
        md('## Games\n\n### Chess\n\nIt is old.'),
    )
    assert story.state == 'section' and story.shows == ['## Add\n\nPeople counted on fingers.\n\n']
    assert 'It took days.' in story.notes
    assert games.shows == ['## Games\n\n'] and chess.section == 'Games'
    assert chess.shows == ['## Chess\n\nIt is old.\n\n']


def test_a_prediction_asks_first_and_the_answer_is_on_the_next_slide():
    _, both, asked, answered = deck(
        md('## Add\n\nTwo names.'),
        code('a = 40'),
        md('**Before you run this:** what comes out?'),
        code('a + 2', result('42')),
    )
    assert both.shows[-1] == 'a = 40' and asked.state == 'question'
    assert asked.shows == ['**Before you run this:** what comes out?']
    assert answered.shows == ['a + 2']


@pytest.mark.parametrize(
    'source',
    [
        'import os\nfrom os import path',
        'right = 2\nassert right > 1',
        'record(accuracy=.9)',
        "check('01 x', answer)",
        "from whole_game.quiz import quiz\n\nquiz('01')",
    ],
)
def test_code_that_teaches_nothing_is_on_no_slide(source):
    made = deck(md('## Add\n\nA sum.'), code('1 + 1', result('2')), code(source))
    assert len(made) == 2 and source not in str(made)


def test_code_without_an_output_shares_a_slide_with_the_code_that_follows():
    a, b, long = code('a = 1'), code('a + 1', result('2')), code('b = 3\n' * slides.FULL)
    _, both, alone = deck(md('## Add\n\nA name.'), a, md('And the sum:'), b, long)
    assert both.shows[1:] == ['a = 1', 'a + 1'] and 'And the sum:' in both.notes
    assert alone.shows == [long.source]


def test_a_picture_whose_code_is_long_stands_alone_and_its_code_is_in_the_notes():
    drawn = shown(image_png=picture(), text_plain='<Figure>')
    _, short, long = deck(
        md('## Draw\n\nA line.'),
        code('#| export\ndraw()', drawn, alt='A line.'),
        code('x = 1\n' * 9, drawn),
    )
    assert short.shows[-1] == 'draw()' and short.cells[-1].metadata['alt'] == 'A line.'
    assert long.cells[-1].metadata['transient'] == {'remove_source': True} and 'x = 1' in long.notes


def test_lists_and_tables_and_pictures_are_slides():
    table, listed = '| a | b |\n|---|---|\n| 1 | 2 |', '- by hand\n- by head'
    _, ways, rows, cover = deck(
        md(f'## Add\n\nTwo ways:\n\n{listed}\n\nA table:\n\n{table}\n\nMore.\n\n![A sum](sum.png)')
    )
    assert ways.shows == [f'## Add\n\nTwo ways:\n\n{listed}'] and rows.shows == [
        f'A table:\n\n{table}'
    ]
    assert cover.shows == ['More.\n\n![A sum](sum.png)']


def test_an_exercise_is_a_slide_and_its_solution_is_nowhere():
    first, second = deck(
        md('## Exercises\n\n### Exercise 1: a sum (5 minutes)\n\nAdd.\n\nA hint.'),
        code('def add(a, b):\n    return ...'),
        md('One solution:', **SOLUTION),
        code('    return a + b', **SOLUTION),
        md('The check:'),
        code("check('01 sum', add)", printed('Right.')),
        md('### Exercise 2\n\nChoose:\n\n- this\n- that\n\n<details>\n\nBlue.\n\n</details>'),
    )[1:]
    assert (first.state, first.section) == ('exercise', 'Exercises')
    assert 'Add.' in first.shows[0] and '...' in first.shows[1] and 'A hint.' in first.notes
    assert second.shows == ['## Exercise 2\n\nChoose:\n\n', '- this\n- that']
    assert 'Blue.' in second.notes and 'a + b' not in str([first, second])


def test_a_question_of_the_quiz_hides_its_answer_in_the_notes():
    asked, recap = deck(
        md('## Quiz\n\nClick.'),
        code("quiz('01')"),
        md('## Recap\n\nYou added.\n\n## If you are stuck\n\n- Restart.'),
        questions=[{'question': 'What is 1 + 1?', 'answers': WHY}],
    )[1:]
    assert asked.shows == ['## What is 1 + 1?\n1. Three\n1. Two']
    assert '**B, right:** Count your thumbs.' in asked.notes and 'One too many' in asked.notes
    assert recap.shows == ['## Recap\n\nYou added.\n\n'] and 'Restart.' in recap.notes


def test_what_is_for_the_instructor_is_in_the_notes():
    _, add = deck(
        md('## Add\n\nA sum.'),
        code('1 + 1', result('2')),
        md('Ask the back row.', **FOR_ME),
        code('2 + 2', result('4'), **FOR_ME),
    )
    assert '**For you:**\n\nAsk the back row.' in add.notes and 'back row' not in str(add.shows)
    assert '2 + 2' not in str(add)


def test_the_metadata_decides():
    told = lambda kind: {'slideshow': {'slide_type': kind}}
    _, add, so, last = deck(
        md('## Add\n\nA sum.'),
        code('1 + 1', result('2')),
        md('Just so.', **told('slide')),
        md('Slowly.', **told('fragment')),
        md('Quietly.', **told('notes')),
        md('Never.', **told('skip')),
        code('import os', **told('slide')),
    )
    assert so.shows == ['Just so.', 'Slowly.'] and 'Quietly.' in so.notes
    assert last.shows == ['import os'] and 'Never' not in str([add, so, last])


@pytest.mark.parametrize(
    'paragraph, said',
    [
        ('One. Two. Three and four.', 'One. Two.'),
        ('It is **bold. And** so on. Then more.', 'It is **bold. And** so on.'),
        ('See (this. That) now. Then more.', 'See (this. That) now.'),
        ('It never ends', 'It never ends'),
    ],
)
def test_a_slide_has_a_paragraphs_first_sentences(paragraph, said):
    assert slides.opening(paragraph, 12) == said


def test_what_nbconvert_makes_of_it(tmp_path):
    nb = lesson()
    nb.cells[-1].source += ' The mean $\\bar{x}$, [lesson 2](02_x.ipynb), [Python](https://x.org).'
    error = nbformat.v4.new_output('error', ename='NameError', evalue='<x>', traceback=['Long'])
    nb.cells += [
        md('## Odd'),
        code('x', error),
        code('run()', shown(application_javascript='alert(1)', text_plain='<Javascript>')),
        code('play()', shown(text_html='<p>Hi</p><script>alert(2)</script>')),
        code('draw()', shown(image_jpeg=picture()), alt='A "line".'),
    ]
    ((entry, count),) = slides.build(root=project(tmp_path, nb), out=tmp_path / 'out')
    made = (tmp_path / 'out' / '01_tiny.html').read_text(encoding='utf-8')
    soup = BeautifulSoup(made, 'html.parser')
    assert len(soup.select('.slides > section > section')) == count > 5
    assert '<math' in made and '$' not in soup.select_one('.slides').text
    assert 'https://x.org' in made and '02_x' not in made and 'lesson 2' in made
    assert 'NameError: <x>' in soup.text and 'Long' not in made and 'alert' not in made
    assert soup.find('img', alt='A "line".')


def test_complaints(tmp_path, monkeypatch):
    with pytest.raises(Complaint, match="no lesson '99'.*01_train"):
        slides.build('99', out=tmp_path)
    nb = lesson()
    nb.cells[0].source += ' $\\frac{$'
    with pytest.raises(Complaint, match='01_tiny.*is no formula'):
        slides.build(root=project(tmp_path, nb), out=tmp_path / 'out')
    monkeypatch.setattr(slides, 'NEEDS', ['not_there_at_all'])
    with pytest.raises(Complaint, match=r'need not_there_at_all.*\[book\]'):
        slides.build('01', out=tmp_path)


# --- what the decks of the lessons hold


@pytest.fixture(scope='module')
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp('slides')
    made = slides.build(out=folder)
    assert [entry.stem for entry, _ in made] == [entry.stem for entry in in_book(ROOT)]
    assert all(count > 20 for _, count in made)
    return folder


@pytest.fixture(scope='module')
def lessons(site):
    "Each lesson with its cells, its slides as (state, words), and its notes; spaces left out."
    flat = lambda words: re.sub(r'\W', '', words)
    found = []
    for entry in in_book(ROOT):
        page = (site / f'{entry.stem}.html').read_text(encoding='utf-8')
        soup = BeautifulSoup(re.sub(r'data:image[^"]*', '', page), 'html.parser')
        notes = flat(''.join(aside.extract().text for aside in soup.select('aside')))
        seen = [(s['data-state'], flat(s.text)) for s in soup.select('section > section')]
        found.append((entry, nbformat.read(entry.path, 4).cells, seen, notes))
    return found


class Formulas(IPythonRenderer):
    "Draws formulas as the decks do, so that both have the same letters."

    def inline_math(self, body):
        return convert(body)

    block_math = inline_math


rendered = MarkdownWithMath(Formulas(escape=False, exclude_anchor_links=True)).render


def prose(cell):
    "The words of a cell's paragraphs, lists and tables as a reader sees them, without spaces."
    for kind, words in slides.blocks(re.sub(r'!\[.*?\]\(.*?\)', '', cell.source)):
        yield kind, re.sub(r'\W', '', BeautifulSoup(rendered(words), 'html.parser').text)


def test_all_prose_of_a_lesson_is_in_its_deck(lessons):
    for entry, cells, seen, notes in lessons:
        deck_ = ''.join(words for _, words in seen) + notes
        left_out = {'solution', 'instructor'}
        for cell in cells:
            if cell.cell_type == 'markdown' and not tags(cell) & left_out:
                for kind, words in prose(cell):
                    assert words in deck_ or kind == 'heading_open', f'{entry.stem}: {words}'


def test_no_solution_is_in_a_deck_and_the_instructors_words_are_in_the_notes_alone(lessons):
    secrets = told = 0
    for entry, cells, seen, notes in lessons:
        shown_ = ''.join(words for _, words in seen)
        lines = lambda cell: {re.sub(r'\W', '', line) for line in cell.source.splitlines()}
        taught = [lines(c) for c in cells if c.cell_type == 'code' and 'solution' not in tags(c)]
        for cell in cells:
            if 'solution' in tags(cell) and cell.cell_type == 'code':
                for line in lines(cell) - set().union(*taught):
                    if len(line) > 12:
                        secrets += 1
                        assert line not in shown_ + notes, f'{entry.stem}: {line}'
            elif 'instructor' in tags(cell) and cell.cell_type == 'markdown':
                for _, words in prose(cell):
                    told += 1
                    assert words in notes and words not in shown_, f'{entry.stem}: {words}'
    assert secrets > 50 and told > 50


def test_why_an_answer_of_the_quiz_is_right_is_in_the_notes_alone(lessons):
    import tomllib

    for entry, _, seen, notes in lessons:
        quiz = tomllib.loads(entry.path.with_name(f'{entry.stem}.quiz.toml').read_text())
        asked = [words for state, words in seen if state == 'quiz']
        assert len(asked) == len(quiz['questions']) > 3
        for question, slide in zip(quiz['questions'], asked):
            assert (
                'right' not in slide or 'right' in str(question['answers']) + question['question']
            )
            for answer in question['answers']:
                (_, why), *_ = prose(md(answer['why']))
                assert why in notes and why not in ''.join(words for _, words in seen)


# --- every deck in a browser

MEASURE = '''() => {
  const bad = [], pieces = 'h1, h2, p:not(:has(> img)), li, pre, .out, table, img';
  let scrolled = 0;
  Reveal.getSlides().forEach((slide, n) => {
    Reveal.slide(n);
    slide.querySelectorAll('.fragment').forEach(e => e.classList.add('visible'));
    const scale = Reveal.getScale(), edge = slide.getBoundingClientRect();
    const tell = (e, what) => bad.push(`${n + 1}: ${e.tagName} ${what}: ${e.alt || e.innerText}`);
    if (!slide.classList.contains('present') || !edge.height) tell(slide, 'is not shown');
    for (const e of slide.querySelectorAll(pieces)) {
      if (e.closest('aside')) continue;
      const box = e.getBoundingClientRect();
      if (!box.height || !box.width) tell(e, 'is not to be seen');
      if (parseFloat(getComputedStyle(e).fontSize) < 20) tell(e, 'is tiny');
      if (e.matches('img') && (!e.naturalWidth || box.height < 200 * scale)) tell(e, 'is tiny');
      if (e.parentElement.closest('pre, .out')) continue;
      if (box.right > edge.right + 1 || box.bottom > edge.bottom + 1) tell(e, 'leaves its slide');
      if (box.left < edge.left - 1 || box.top < edge.top - 1) tell(e, 'leaves its slide');
      const wide = e.scrollWidth > e.clientWidth + 2, long = e.scrollHeight > e.clientHeight + 2;
      if (!wide && !(long && e.matches('pre, .out'))) continue;
      scrolled += 1;
      if (e.tabIndex !== 0) tell(e, 'is too long, and no key scrolls it');
    }
  });
  const most = Math.max(2, Reveal.getTotalSlides() / 12);  // long definitions
  if (scrolled > most) bad.push(`${scrolled} must be scrolled`);
  return bad.map(words => words.slice(0, 90));
}'''


@pytest.fixture(scope='module')
def browser_page():
    from browser import page

    with page(1280, 720) as p:
        p.set_default_timeout(10_000)
        yield p


@pytest.fixture
def p(browser_page):
    browser_page.set_viewport_size({'width': 1280, 'height': 720})
    browser_page.away.clear(), browser_page.errors.clear()
    return browser_page


def decks(site):
    return sorted(site.glob('[0-9]*.html'))


def ready(p, address):
    p.goto('about:blank')
    p.goto(address)
    p.wait_for_function('window.Reveal && Reveal.isReady()')


@pytest.fixture
def broken(site, p):
    "Open a sound deck in which one thing is replaced."

    def open_(old, new, query=''):
        path, sound = site / 'broken.html', decks(site)[0].read_text(encoding='utf-8')
        assert old in sound
        path.write_text(sound.replace(old, new), encoding='utf-8')
        ready(p, path.as_uri() + query)

    yield open_
    (site / 'broken.html').unlink(missing_ok=True)


def test_every_slide_shows_all_that_is_on_it_and_asks_nothing_of_the_network(site, p):
    for path in decks(site):
        ready(p, path.as_uri())
        assert p.evaluate(MEASURE) == [], path.stem
        assert p.evaluate("[...document.fonts].every(font => font.status === 'loaded')")
        assert p.away == [] and p.errors == [], path.stem


@pytest.mark.parametrize(
    'bad, what',
    [
        ('<p>' + 'many words ' * 500 + '</p>', 'leaves its slide'),
        ('<p style="overflow:hidden; white-space:nowrap">' + 'word ' * 90 + '</p>', 'too long'),
        ('<p style="font-size:12px">Small</p>', 'is tiny'),
        ('<p style="display:none">Hidden</p>', 'not to be seen'),
        ('<img src="gone.png" alt="x">', 'is tiny'),
        (('<pre class="out">' + 'a line\n' * 90 + '</pre>') * 4, 'must be scrolled'),
    ],
)
def test_what_is_wrong_with_a_slide_is_seen(broken, p, bad, what):
    broken('</h1>', f'</h1>{bad}')
    assert what in str(p.evaluate(MEASURE))
    assert ('gone.png' in bad) == (p.errors != [])


def test_a_request_is_seen(broken, p):
    with p.expect_request('http://192.0.2.1/x'):
        broken('</head>', '<script>fetch("http://192.0.2.1/x").catch(() => {})</script></head>')
    assert p.away == ['http://192.0.2.1/x']


def after_the_keys(p):
    "Where the arrow keys lead."
    at = []
    for key in ('ArrowRight', 'ArrowRight', 'ArrowLeft'):
        p.keyboard.press(key)
        at.append(p.evaluate('Reveal.getIndices().h'))
    return at


def told_to_the_speaker(p):
    "What the speaker's window says beside the present slide, and what it should say."
    with p.expect_popup() as opened:
        p.keyboard.press('s')
    value = opened.value.locator('.speaker-controls-notes .value')
    opened.value.wait_for_function("document.querySelector('iframe')?.contentWindow.length === 0")
    opened.value.wait_for_timeout(1000)
    should = p.evaluate(
        "Reveal.getCurrentSlide().querySelector('aside')?.textContent || 'no notes'"
    )
    said = value.text_content() or ''
    opened.value.close()
    return [' '.join(words.split())[:80] for words in (said, should)]


def test_arrow_keys_move_and_the_speaker_sees_the_notes(site, p, broken):
    ready(p, decks(site)[1].as_uri())
    assert after_the_keys(p) == [1, 2, 1]
    said, should = told_to_the_speaker(p)
    assert said.startswith(should) and p.away == [] and p.errors == []

    broken('hash: true', 'keyboard: false')
    assert after_the_keys(p) == [0, 0, 0]
    broken('<aside class="notes">', '<aside>')
    said, should = told_to_the_speaker(p)
    assert not said.startswith(should)


def axe(p, context=None):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(p, context=context).response['violations']
    return [(rule['id'], rule['nodes'][0]['html'][:200]) for rule in found]


def test_accessible_says_axe(site, p, broken):
    "One slide of each kind: with code, a table, a picture."
    p.goto((site / 'index.html').as_uri())
    assert axe(p) == []
    wanted = {'title', 'section', 'question', 'quiz', 'exercise', 'exercise pre', 'content'}
    wanted |= {'content table', 'content pre', 'content pre img', 'content table pre'}
    kinds = '''Reveal.getSlides().map(slide => [slide.dataset.state, ...['table', 'pre', 'img']
        .filter(what => slide.querySelector(what))].join(' '))'''
    for path in decks(site)[1:3]:
        ready(p, path.as_uri())
        for n, kind in enumerate(p.evaluate(kinds)):
            if kind in wanted:
                wanted.remove(kind)
                p.evaluate(f'Reveal.slide({n})')
                found = axe(p, context='.slides section section.present')
                assert found == [], f'{path.stem}, slide {n + 1}'
    assert wanted == set()

    broken('</h1>', '</h1><img src="slides.css"><p style="color:#ccc">Pale</p>')
    told = str(axe(p, context='.slides section section.present'))
    assert 'image-alt' in told and 'color-contrast' in told


def pages(p):
    "How many pages a deck has on paper."
    p.wait_for_selector('.pdf-page')
    p.emulate_media(media='print')
    count = len(re.findall(rb'/Type\s*/Page\b', p.pdf(prefer_css_page_size=True)))
    p.emulate_media(media='screen')
    return count


def test_it_prints_a_page_for_each_slide(site, p, broken):
    ready(p, decks(site)[0].as_uri() + '?print-pdf')
    printed = pages(p)  # waits until every slide has been moved to a page of its own
    count = p.evaluate('Reveal.getSlides().length')
    assert printed == count > 0
    sizes = "[...new Set(Reveal.getSlides().map(s => `${s.offsetWidth} x ${s.offsetHeight}`))]"
    assert p.evaluate(sizes) == ['1280 x 684']

    broken('pdfMaxPagesPerSlide: 1', 'width: 1280, height: 300', query='?print-pdf')
    assert pages(p) != count


def test_the_index_leads_to_every_deck(site, p):
    p.goto((site / 'index.html').as_uri())
    links = p.locator('tbody a').evaluate_all('all => all.map(a => a.getAttribute("href"))')
    assert links == [path.name for path in decks(site)] and p.away == [] and p.errors == []
    for entry, row in zip(in_book(ROOT), p.locator('tbody tr').all_inner_texts()):
        assert entry.title in row and str(entry.minutes) in row
    p.locator('tbody a').first.click()
    p.wait_for_function('window.Reveal && Reveal.isReady()')
    assert row.split()[-1] != '0'
