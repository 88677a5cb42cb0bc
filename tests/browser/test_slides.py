"""The slides: the rules on tiny notebooks; then every slide of every lesson in a real browser,
opened from the disk.

Each check of the browser's is shown to fail once, on a deck that was broken on purpose.
"""

import html
import re
from types import SimpleNamespace

import nbformat
import pytest
from browser import page
from course_fixtures import picture, printed, result, shown
from nbformat.v4 import new_code_cell, new_markdown_cell

from course import slides
from course.book import in_book, plain
from course.common import ROOT, Complaint

ENTRY = SimpleNamespace(
    stem='01_tiny',
    title='A tiny lesson',
    promise='You will have added.',
    part='Play',
    minutes=30,
    path=ROOT / 'nbs' / '01_tiny.ipynb',
)
SOLUTION, FOR_ME = {'tags': ['solution']}, {'tags': ['instructor']}
QUESTIONS = [
    {
        'question': 'What is 1 + 1?',
        'answers': [
            {'answer': 'Three', 'why': 'One too many.'},
            {'answer': 'Two', 'right': True, 'why': 'Count your thumbs.'},
        ],
    }
]


def md(words, **metadata):
    return new_markdown_cell(words, metadata=metadata)


def code(source, *outputs, **metadata):
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


@pytest.fixture
def deck(tmp_path):
    "The slides of a lesson with these cells after its first."
    first = md(
        '# A tiny lesson\n\n> You will have added.\n\nAbout 30 minutes for you. Before this:'
        ' nothing.'
    )
    return lambda *cells, questions=(): slides.Deck(
        ENTRY, [first, *cells], questions, tmp_path
    ).walk()


def seen(slide):
    return re.sub(r'(?s)<aside.*?</aside>', '', slide.html())


def notes(slide):
    return '\n'.join(slide.notes)


def words(markup):
    return ' '.join(
        html.unescape(
            re.sub(
                r'<[^>]+>',
                '',
                re.sub(r'</(p|li|h\d|td|th|pre|b|div)>|<span class="line"', r' \g<0>', markup),
            )
        ).split()
    )


def kinds(made):
    return [slide.kind for slide in made]


# --- the rules


def test_the_title(deck):
    (first,) = deck()
    assert (
        (first.kind, first.title, first.say) == ('title', 'A tiny lesson', 'You will have added.')
        and '30 minutes' in first.kicker
        and 'Before this' in notes(first)
    )


def test_code_and_what_came_out_is_a_slide_and_the_prose_around_it_its_notes(deck):
    _, add, more = deck(
        md('## Add\n\nPython adds. It never tires.'),
        code('1 + 1', result('2')),
        md('Two, as you see.\n\nNow with three numbers at a time. That is harder.'),
        code('1 + 1 + 1', result('3')),
    )
    assert (add.kicker, add.title, add.say) == (
        '',
        'Add',
        'Python adds. It never tires.',
    ) and '2</pre>' in seen(add)
    assert (
        'Two, as you see.' in notes(add)
        and 'It never tires' in notes(add)
        and 'Two, as' not in seen(add)
    )
    assert (
        (more.kicker, more.title, more.say) == ('Add', '', 'Now with three numbers at a time.')
        and '3</pre>' in seen(more)
        and 'That is harder' in notes(more)
    )


def test_a_section_that_begins_with_a_story_has_a_slide_for_it(deck):
    _, story, add = deck(
        md('## Add\n\nLong ago people counted on **fingers**. It took days.\n\nNow the sum:'),
        code('1 + 1', result('2')),
    )
    assert (
        (story.kind, story.title) == ('section', 'Add')
        and 'fingers' in story.say
        and 'It took days' in notes(story)
        and add.say == 'Now the sum'
    )


def test_a_section_of_prose_alone_and_one_below_another(deck):
    assert [
        (s.kind, s.kicker, s.title)
        for s in deck(md('## Games\n\n### Chess\n\nIt is a game for two, and it is old.'))[1:]
    ] == [('section', '', 'Games'), ('section', 'Games', 'Chess')]


def test_a_prediction_asks_first_and_the_answer_is_on_the_next_slide(deck):
    _, section, asked, answered = deck(
        md('## Add\n\nHere is a sum.\n\n**Before you run this:** what comes out?'),
        code('40 + 2', result('42')),
    )
    assert (
        kinds([section, asked, answered]) == ['section', 'question', 'content']
        and asked.say == 'What comes out?'
        and '42' not in asked.html()
        and '42' in seen(answered)
    )


def test_a_comment_on_what_came_out_does_not_lead_to_the_next_question(deck):
    made = deck(
        md('## Add\n\nA sum.'),
        code('1 + 1', result('2')),
        md('That was two.\n\n**Before you run this:** and now?'),
        code('2 + 2', result('4')),
    )
    assert (
        'That was two' in notes(made[1])
        and made[3].say == ''
        and 'That was' not in ''.join(map(seen, made))
    )


@pytest.mark.parametrize(
    'source',
    [
        'import os\nfrom os import path',
        'assert 1 + 1 == 2',
        'right = 2\nassert right > 1',
        "record(accuracy=.9)",
        "check('01 x', answer)",
        "quiz('01')",
    ],
)
def test_code_that_teaches_nothing_on_a_slide_is_on_none(deck, source):
    assert len(deck(md('## Add\n\nA sum.'), code('1 + 1', result('2')), code(source))) == 2


def test_code_without_an_output_shares_a_slide_with_the_next(deck):
    _, both = deck(
        md('## Add\n\nTwo names.'), code('a = 1'), md('And their sum:'), code('a + 1', result('2'))
    )
    assert (
        both.say == 'Two names.'
        and words(both.body[0]).startswith('a = 1 a + 1')
        and 'And their sum' in notes(both)
    )


def test_a_function_stands_alone_and_a_line_of_which_nothing_is_said_is_told_in_the_notes(deck):
    _, function, call = deck(
        md('## Add\n\nA function.'),
        code('#| export\ndef add(a, b):\n    return a + b'),
        md('Now call it:'),
        code('add(1, 1)', result('2')),
        code('add(2, 2)\n'),
    )
    assert (
        'export' not in function.html()
        and 'def' in seen(function)
        and 'add(1' not in words(seen(function))
        and 'def' not in words(seen(call))
        and 'add(2, 2)' in words(notes(call))
    )


def test_code_that_only_draws_is_left_to_the_notes(deck):
    _, drawn = deck(
        md('## Draw\n\nA line.'),
        code(
            "plt.plot([1, 2])\nplt.title('A line')\nplt.ylim(0, 2)",
            shown(image_png=picture(), text_plain='<Figure>'),
        ),
    )
    assert (
        '<img' in seen(drawn)
        and 'plt' not in words(seen(drawn))
        and 'plt.title' in words(notes(drawn))
        and '<Figure' not in drawn.html()
    )


def test_lists_tables_and_bold_sentences_are_slides(deck):
    made = deck(
        md(
            '## Add\n\nThree ways:\n\n- By hand, and rather slowly. It helps.\n- By head, if you'
            ' can do it well.\n- By machine, as a rule.\n\n| a | b |\n|---|--:|\n| one | 1 |\n\nSo'
            ' remember: **a machine never tires of adding numbers.** You do.'
        )
    )
    assert (
        kinds(made[1:]) == ['content', 'content', 'statement']
        and made[1].say == 'Three ways'
        and 'It helps' not in seen(made[1])
        and 'It helps' in notes(made[1])
    )
    assert (
        '<td class=number>1</td>' in seen(made[2])
        and 'never tires' in made[3].say
        and 'You do.' in notes(made[3])
    )


def test_a_name_for_what_was_seen_comes_after_it(deck):
    made = deck(
        md('## Add\n\nA sum.'),
        code('1 + 1', result('2')),
        md('What came out is called the **sum**. It is two.'),
    )
    assert made[
        1
    ].name == 'What came out is called the **sum**.' and 'class="name fragment"' in seen(made[1])


def test_long_things_are_cut_or_take_more_slides(deck):
    rows = '\n'.join(f'| row {n} | {"many words about it " * 4} |' for n in range(20))
    made = deck(md(f'## Long\n\nA table:\n\n| a | b |\n|---|---|\n{rows}'))[1:]
    assert (
        len(made) > 1
        and all(f'row {n} ' in words(''.join(map(seen, made))) for n in range(20))
        and min(len(re.findall('<tr>', seen(s))) for s in made) > 3
    )
    _, text = deck(
        md('## Long\n\nText:'),
        code('print(x)', printed('\n'.join(f'line {n}' for n in range(200)))),
    )
    assert '…' in seen(text) and 'line 0' in seen(text) and 'line 100' not in text.html()
    _, wide = deck(md('## Long\n\nText:'), code('print(x)', printed('x' * 5000)))
    assert len(seen(wide)) < 2000 and '…' in seen(wide)
    source = '\n'.join(f'a{n} = {n}' for n in range(60))
    _, long = deck(md('## Long\n\nCode:'), code(source))
    assert '…' in seen(long) and 'a59' in notes(long)


def test_a_table_of_training_is_readable(deck):
    table = (
        '<table'
        ' class="fastprogress"><thead><tr><th>epoch</th><th>accuracy</th></tr></thead><tbody><tr><td>0</td><td>0.959677</td></tr></tbody></table>'
    )
    _, trained = deck(
        md('## Train\n\nIt learns.'),
        code('learn.fit(1)', shown(text_html=table, text_plain='epoch accuracy\n0 0.959677')),
    )
    assert 'fastprogress' not in seen(trained) and '<td class=number>0.960</td>' in seen(trained)


def test_errors_widgets_and_scripts(deck):
    error = nbformat.v4.new_output(
        'error', ename='NameError', evalue="name 'x' is not defined", traceback=['far too much']
    )
    made = deck(
        md('## Odd\n\nAn error:'),
        code('x', error),
        md('A sheet:'),
        code('canvas()', shown(text_html='<div>a widget</div>', text_plain='A sheet to draw on.')),
        md('A script:'),
        code('run()', shown(application_javascript='alert(1)', text_plain='<Javascript>')),
    )
    assert (
        "NameError: name 'x' is not defined" in words(seen(made[1]))
        and 'far too' not in made[1].html()
    )
    assert (
        'A sheet to draw on.' in seen(made[2])
        and 'a widget' not in made[2].html()
        and 'alert' not in ''.join(s.html() for s in made)
    )


def test_an_exercise_shows_its_essence_and_never_its_answer(deck):
    made = deck(
        md(
            '## Exercises\n\n### Exercise 1: a sum (5 minutes)\n\nTo warm up. Add two numbers. (A'
            ' hint in brackets.)'
        ),
        code('def add(a, b):\n    return ...'),
        md('One solution:', **SOLUTION),
        code('    return a + b', **SOLUTION),
        md('The check:'),
        code("check('01 sum', add)", printed('Right.')),
        md(
            '### Exercise 2: a question of your own (3 minutes)\n\nThink.\n\n<details><summary>One'
            ' answer</summary>\n\nIt is blue.\n\n</details>'
        ),
    )
    assert [(s.kind, s.kicker, s.title) for s in made[1:]] == [
        ('exercise', 'Exercise 1 · 5 minutes', 'A sum'),
        ('exercise', 'Exercise 2 · 3 minutes', 'A question of your own'),
    ]
    assert (
        made[1].say == 'Add two numbers.'
        and 'return ...' in words(seen(made[1]))
        and 'hint' in notes(made[1])
    )
    assert 'a + b' not in words(''.join(s.html() for s in made)) and 'solution' not in ''.join(
        s.html() for s in made
    )
    assert 'blue' not in seen(made[2]) and 'blue' in notes(made[2])


def test_a_quiz_question_hides_its_answer_in_the_notes(deck):
    made = deck(
        md('## Quiz\n\nClick an answer.'),
        code("quiz('01')"),
        md(
            '## Recap\n\nYou have\n\n- added;\n- counted.\n\n## If you are stuck\n\n- *Odd.*'
            ' Restart.'
        ),
        questions=QUESTIONS,
    )
    asked, recap = made[1:]
    assert (
        words(seen(asked)) == 'Question 1 of 1 What is 1 + 1? a Three b Two'
        and 'b, right' in words(notes(asked))
        and 'thumbs' in notes(asked)
        and 'One too many' in notes(asked)
    )
    assert len(set(re.findall('<li[^>]*>', seen(asked)))) == 1
    assert (
        recap.title == 'Recap'
        and 'counted' in seen(recap)
        and 'Restart' in notes(recap)
        and 'Restart' not in seen(recap)
    )


def test_notes_for_the_instructor_are_marked_and_on_no_slide(deck):
    _, add = deck(
        md('## Add\n\nA sum.'),
        code('1 + 1', result('2')),
        md('Ask the **back** row.', **FOR_ME),
        md('This is noted:', **FOR_ME),
        code('record(x=1)', **FOR_ME),
    )
    assert (
        words(notes(add)).startswith('For you: Ask the back row.')
        and 'back' not in seen(add)
        and 'noted' not in notes(add)
        and 'record' not in notes(add)
    )


def test_the_metadata_decides(deck):
    told = lambda kind: {'slideshow': {'slide_type': kind}}
    made = deck(
        md('## Add\n\nA sum.'),
        code('1 + 1', result('2')),
        md('Just so.', **told('slide')),
        md('Slowly.', **told('fragment')),
        md('Quietly.', **told('notes')),
        md('Never.', **told('skip')),
        code('import os', **told('slide')),
        code('3', result('3'), **told('skip')),
    )
    assert (
        len(made) == 4
        and 'Just so.' in seen(made[2])
        and '<div class="fragment"><p>Slowly.' in seen(made[2])
        and 'Quietly' in notes(made[2])
        and 'import' in seen(made[3])
    )
    assert 'Never' not in ''.join(s.html() for s in made)


def test_cells_for_colab_are_left_out(deck):
    assert len(deck(code('print("installed")', printed('installed'), tags=['colab']))) == 1


def test_formulas_are_mathml_and_links_within_the_course_are_words(deck):
    made = deck(
        md(
            '## Add\n\nThe mean $\\bar{x}$ of [lesson 2](02_x.ipynb), in'
            ' [Python](https://docs.python.org).\n\n$$x^2$$'
        ),
        code('1', result('1')),
    )
    said = ''.join(slide.html() for slide in made)
    assert (
        said.count('<math') >= 4
        and 'class="formula"' in said
        and '02_x' not in said
        and 'lesson 2' in said
        and '$' not in said
        and '\\' not in said
    )
    with pytest.raises(Complaint, match='cannot be turned into MathML'):
        slides.rendered('$\\frac{$')


@pytest.mark.parametrize(
    'paragraph, said',
    [
        ('One. Two is longer than the first one. Three.', 'One. Two is longer than the first one.'),
        (
            'This is how it goes, as a rule. It has a **name**, and it is a good one.',
            'It has a **name**, and it is a good one.',
        ),
        ('That was one of them, and it is done. These are the others:', 'These are the others'),
        (
            'We have seen it all before, you know. `add` adds up what it gets.',
            '`add` adds up what it gets.',
        ),
        (
            'It is a rather long sentence (with an aside). And so on.',
            'It is a rather long sentence. And so on.',
        ),
        (
            'Dr. Who met K. Gorman, e.g. in Rome. They talked.',
            'Dr. Who met K. Gorman, e.g. in Rome.',
        ),
    ],
)
def test_the_sentence_that_stands_for_a_paragraph(paragraph, said):
    assert slides.gist(paragraph, 'add(1)') == said


def test_complaints(tmp_path, monkeypatch, deck):
    with pytest.raises(Complaint, match="no lesson '99'.*01_train"):
        slides.build('99', out=tmp_path)
    with pytest.raises(Complaint, match='no picture nowhere.png'):
        deck(md('## See\n\n![a thing](nowhere.png)'))
    monkeypatch.setitem(slides.NEEDS, 'not_there_at_all', 'not-there')
    with pytest.raises(Complaint, match='need not-there'):
        slides.build('01', out=tmp_path)


# --- every deck in a browser

MEASURE = '''async () => {
  await Promise.all([...document.fonts].map(font => font.load()));
  const bad = [], deck = [...document.querySelectorAll('.slides > section')];
  deck.forEach((slide, n) => {
    Reveal.slide(n);
    slide.querySelectorAll('.fragment').forEach(e => e.classList.add('visible'));
    const say = (e, what) => bad.push(`${n + 1}: ${e.tagName.toLowerCase()}.${e.className} ${what}: ${(e.textContent || e.alt || '').trim().slice(0, 50)}`);
    if (!slide.classList.contains('present')) say(slide, 'is not shown');
    for (const e of slide.querySelectorAll('*:not(aside, aside *, math *, col, .line *, .visually-hidden)')) {
      const box = e.getBoundingClientRect(), style = getComputedStyle(e), around = e.parentElement.getBoundingClientRect();
      if (!e.matches('img') && style.display.startsWith('inline')) continue;
      if (!box.height || !box.width) { if (!e.matches('thead, wbr, br')) say(e, 'is not to be seen'); continue; }
      if (Math.max(box.right - around.right, box.bottom - around.bottom, around.left - box.left, around.top - box.top) > 2) say(e, 'leaves its place');
      if (e.clientWidth && e.scrollWidth > e.clientWidth + 2) say(e, 'is too wide for its place');
      if (parseFloat(style.fontSize) < 20) say(e, 'is tiny');
      if (e.matches('img') && (!e.naturalWidth || box.height < 90 * Reveal.getScale())) say(e, 'is no picture, or a tiny one');
    }
  });
  return bad;
}'''


@pytest.fixture(scope='module')
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp('slides')
    before, made = in_book(ROOT), slides.build(out=folder)
    assert {entry.stem for entry in before} <= {entry.stem for entry, _ in made} and all(
        count > 5 for _, count in made
    )
    return folder


def decks(site):
    return sorted(path for path in site.glob('*.html') if path.stem != 'index')


def made_from(site):
    return [entry for entry in in_book(ROOT) if (site / f'{entry.stem}.html').exists()]


def ready(p, address):
    p.goto(address)
    p.wait_for_function('window.Reveal && Reveal.isReady()')


@pytest.mark.parametrize('size', [(1280, 720), (1024, 768)], ids=['wide', 'old projector'])
def test_every_slide_holds_what_is_on_it_and_asks_nothing_of_the_network(site, size):
    with page(*size) as p:
        for path in decks(site):
            ready(p, path.as_uri())
            assert p.evaluate(MEASURE) == [], path.stem
            assert (
                p.evaluate(
                    "[...document.fonts].every(font => font.status === 'loaded') &&"
                    " document.fonts.size"
                )
                == 6
            )
            assert p.away == [] and p.errors == [], path.stem


def test_what_is_wrong_with_a_slide_is_seen(site):
    sound = decks(site)[0].read_text()
    broken = site / 'broken.html'
    with page(1280, 720) as p:
        for bad, what in (
            ('<pre class="out">' + 'a line\n' * 40 + '</pre>', 'leaves its place'),
            ('<p style="white-space:nowrap">' + 'word ' * 60 + '</p>', 'too wide'),
            ('<p style="font-size:12px">Small</p>', 'is tiny'),
            ('<div class="picture"><img src="gone.png" alt="x"></div>', 'no picture'),
            ('<div style="height:100px"><p style="height:150px">x</p></div>', 'leaves its place'),
        ):
            broken.write_text(
                sound.replace(
                    '<section class="title"',
                    f'<section class="content">{bad}<aside'
                    ' class="notes">n</aside></section>\n<section class="title"',
                    1,
                )
            )
            ready(p, broken.as_uri())
            assert any(what in told for told in p.evaluate(MEASURE)), what
        assert p.errors != [] and p.away == []  # gone.png
        broken.write_text(
            sound.replace(
                '</head>', '<script>fetch("http://192.0.2.1/x").catch(() => {})</script></head>'
            )
        )
        with p.expect_request('http://192.0.2.1/x'):
            ready(p, broken.as_uri())
        assert p.away == ['http://192.0.2.1/x']
    broken.unlink()


def test_arrow_keys_move_and_the_speaker_sees_the_notes(site):
    path = next(path for path in decks(site) if path.stem.startswith('01'))
    with page(1280, 720) as p:
        ready(p, path.as_uri())
        for key, at in (('ArrowRight', 1), ('ArrowRight', 2), ('ArrowLeft', 1)):
            p.keyboard.press(key)
            assert p.evaluate('Reveal.getIndices().h') == at
        with p.expect_popup() as opened:
            p.keyboard.press('s')
        speaker = opened.value
        speaker.wait_for_function(
            "document.querySelector('.speaker-controls-notes .value')?.innerText.trim()"
        )
        told = lambda: ' '.join(speaker.inner_text('.speaker-controls-notes .value').split())
        assert (
            words(p.evaluate("Reveal.getCurrentSlide().querySelector('aside').innerHTML"))[:80]
            in told()
        )
        p.keyboard.press('ArrowRight')
        now = words(p.evaluate("Reveal.getCurrentSlide().querySelector('aside').innerHTML"))[:80]
        speaker.wait_for_function(
            'now => document.querySelector(".speaker-controls-notes'
            ' .value").innerText.split(/\\s+/).join(" ").includes(now)',
            arg=now,
        )
        assert p.away == [] and p.errors == []


def test_accessible_says_axe(site):
    "One slide of each kind; those with code, a table or a picture are kinds of their own."
    from axe_playwright_python.sync_playwright import Axe

    seen_ = set()
    with page(1280, 720) as p:
        p.goto((site / 'index.html').as_uri())
        assert Axe().run(p).response['violations'] == []
        for path in decks(site):
            ready(p, path.as_uri())
            for n, kind in enumerate(
                p.evaluate(
                    "[...document.querySelectorAll('.slides > section')].map(s =>"
                    " [s.className.split(' ')[0], ...['table', 'pre', 'img'].filter(what =>"
                    " s.querySelector(what))].join(' '))"
                )
            ):
                if kind in seen_:
                    continue
                seen_.add(kind)
                p.evaluate(f'Reveal.slide({n})')
                found = [
                    (v['id'], [node['html'][:120] for node in v['nodes']][:3])
                    for v in Axe().run(p, context='.slides section.present').response['violations']
                ]
                assert found == [], f'{path.stem}, slide {n + 1}'
    assert {'title', 'question', 'quiz', 'exercise pre', 'content table', 'content pre img'} <= {
        ' '.join(kind.split()) for kind in seen_
    }


def test_it_prints_a_page_for_each_slide(site):
    path = decks(site)[0]
    with page(1280, 720) as p:
        ready(p, path.as_uri() + '?print-pdf')
        p.wait_for_selector('.pdf-page')
        p.emulate_media(media='print')
        count = path.read_text().count('<section')
        assert p.locator('.pdf-page').count() == count
        assert p.evaluate(
            "[...document.querySelectorAll('.pdf-page section')].every(s =>"
            " getComputedStyle(s).display === 'flex' && s.offsetHeight === 720 &&"
            " getComputedStyle(s).paddingLeft === '64px')"
        )
        assert len(re.findall(rb'/Type\s*/Page\b', p.pdf(prefer_css_page_size=True))) == count


def test_the_list_leads_to_every_deck(site):
    with page(1024, 768) as p:
        p.goto((site / 'index.html').as_uri())
        links = p.locator('tbody a').evaluate_all('all => all.map(a => a.getAttribute("href"))')
        assert links == [path.name for path in decks(site)] and p.away == [] and p.errors == []
        for entry in made_from(site):
            assert entry.title in p.inner_text('table') and str(entry.minutes) in p.inner_text(
                'table'
            )
        p.locator('tbody a').first.click()
        p.wait_for_function('window.Reveal && Reveal.isReady()')


# --- what the decks of the lessons hold


def test_no_solution_is_in_a_deck_and_the_instructors_words_are_in_the_notes_alone(site):
    secrets = told = 0
    for entry in made_from(site):
        page_ = (site / f'{entry.stem}.html').read_text(encoding='utf-8')
        cells = nbformat.read(entry.path, 4).cells
        tags = lambda cell: set(cell.metadata.get('tags', []))
        shown_, everything = words(re.sub(r'(?s)<aside.*?</aside>', '', page_)), words(page_)
        flat = lambda words_: ''.join(words_.split())
        taught = {
            flat(line)
            for cell in cells
            if cell.cell_type == 'code' and 'solution' not in tags(cell)
            for line in cell.source.splitlines()
        }
        for cell in cells:
            if 'solution' in tags(cell) and cell.cell_type == 'code':
                for line in {flat(line) for line in cell.source.splitlines()} - taught:
                    if len(line) > 8:
                        secrets += 1
                        assert line not in flat(everything), f'{entry.stem}: {line}'
            if (
                'instructor' in tags(cell)
                and cell.cell_type == 'markdown'
                and not cell.source.rstrip().endswith(':')
            ):
                told += 1
                opening = plain(
                    slides.unlinked(re.split(r'\n\s*\n', cell.source.strip())[0]).replace('- ', '')
                )[:60]
                assert flat(opening) in flat(everything), f'{entry.stem}: {opening}'
                assert flat(opening) not in flat(shown_), f'{entry.stem}: {opening}'
    assert secrets > 20 and told > 5


def test_no_answer_of_a_quiz_is_on_its_slide(site):
    import tomllib

    for entry in made_from(site):
        questions = tomllib.loads(
            entry.path.with_name(f'{entry.stem}.quiz.toml').read_text(encoding='utf-8')
        )['questions']
        made = re.findall(
            r'(?s)<section class="quiz".*?</section>',
            (site / f'{entry.stem}.html').read_text(encoding='utf-8'),
        )
        assert len(made) == len(questions)
        for slide, q in zip(made, questions):
            hidden = re.sub(r'(?s)<aside.*?</aside>', '', slide)
            whys = [a['why'] for a in q['answers']]
            assert len(set(re.findall('<li[^>]*>', hidden))) == 1 and 'right' not in re.sub(
                r'<span>.*?</span>|<p class="say.*?</p>', '', hidden
            )
            for why in whys:
                assert words(slides.inline(why)) in words(slide) and words(
                    slides.inline(why)
                ) not in words(hidden)


def test_all_prose_of_a_lesson_is_in_its_deck(site):
    """Every paragraph stands on a slide or in the notes, but for what explains the quiz's buttons
    and leads to housekeeping."""
    for entry in made_from(site):
        page_ = re.sub(r'\W', '', words((site / f'{entry.stem}.html').read_text(encoding='utf-8')))
        quiz = False
        missing = []
        for cell in nbformat.read(entry.path, 4).cells:
            if cell.cell_type != 'markdown' or set(cell.metadata.get('tags', [])) & {
                'solution',
                'instructor',
                'colab',
                'cover',
            }:
                continue
            for kind, paragraph in slides.blocks(cell.source):
                if kind.startswith('heading'):
                    quiz = paragraph.startswith('Quiz') or quiz and kind != 'heading2'
                elif (
                    kind == 'paragraph'
                    and not quiz
                    and re.sub(r'\W', '', words(slides.rendered(paragraph))) not in page_
                ):
                    missing.append(paragraph[:70])
        assert missing == [], entry.stem
