"""whole_game.page: one file from a notebook that has run; what is no notebook, has not run or says
too much is told in words; nothing is overwritten that it did not make."""

import base64
import io
import json
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from whole_game import modelcard, page, projects
from whole_game.cli import main
from whole_game.errors import CourseError


def picture(side=8, noise=False):
    drawn = io.BytesIO()
    image = (
        Image.effect_noise((side, side), 100) if noise else Image.new('RGB', (side, side), 'red')
    )
    image.save(drawn, 'PNG')
    return base64.b64encode(drawn.getvalue()).decode()


def code(source, *outputs, count=1, **metadata):
    return new_code_cell(source, execution_count=count, outputs=list(outputs), metadata=metadata)


def printed(text):
    return new_output('stream', text=text)


def shown(**data):
    kinds = {
        'png': 'image/png',
        'html': 'text/html',
        'plain': 'text/plain',
        'js': 'application/javascript',
    }
    return new_output('display_data', {kinds[k]: v for k, v in data.items()})


@pytest.fixture
def save(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def _save(*cells, name='mugs.ipynb'):
        nbformat.write(new_notebook(cells=list(cells)), tmp_path / name)
        return tmp_path / name

    return _save


def made(book, **kwargs):
    done = page.page(book, **kwargs)
    return done, done.path.read_text('utf-8')


def test_what_is_on_it(save):
    book = save(
        new_markdown_cell(
            '# Mugs & <b>glasses</b>\n\nAre they **mugs**? [Here](https://a.example)'
        ),
        code('x = 1'),
        code(
            'draw()', shown(png=picture(), plain='<Figure size 640x480>'), count=2, alt='A red mug'
        ),
        code('#| alt: "Another mug"\ndraw()', shown(png=picture()), count=3),
        code(
            'df', shown(html='<style>x</style><table><tr><th></th><th>n</th></tr></table>'), count=4
        ),
        code('print(3)', printed('\x1b[31m3\x1b[0m\n 10%\r100%\n'), count=5),
    )
    done, text = made(book)
    assert done.warnings == [] and done.path.name == 'mugs.html'
    assert '<h1 dir="auto">Mugs &amp; &lt;b&gt;glasses&lt;/b&gt;</h1>' in text
    assert 'alt="A red mug"' in text and 'alt="Another mug"' in text
    assert '<td></td><th>n</th>' in text, 'a heading without words is none'
    assert '3\n100%</pre>' in text and '\x1b' not in text and 'Figure size' not in text
    assert 'x = 1' not in text and 'x = 1' in made(book, code=True)[1]
    assert 'Page made on' in text and 'Nothing was measured yet.' in text
    assert re.findall(r'(?:src|href)="(?!data:)([^"]*)', text) == ['https://a.example']


def test_nothing_in_it_can_run_or_fetch(save):
    evil = (
        '<script>alert(1)</script><img src="https://x.example/a.png" alt="far"><p onclick="x()">a'
        '<iframe src="x"></iframe><svg onload="x()"></svg>'
        '<a href="javascript:x()">b</a></p></table>'
    )
    book = save(
        new_markdown_cell(evil + '\n\n![far](https://x.example/b.png) ![no](../../secret.png)'),
        code('x', shown(html=evil), shown(js='alert(1)'), count=1),
    )
    done, text = made(book)
    body = text.partition('<body>')[2]
    for bad in ('<script', 'onclick="', 'onload="', '<iframe', '<svg', 'javascript:', 'src="http'):
        assert bad not in body, bad
    assert 'far' in body and any('moves or can be clicked' in w for w in done.warnings)
    assert sum('A picture is not on the page' in w for w in done.warnings) == 4


def test_pictures_of_the_text_come_along(save, tmp_path):
    Image.new('RGB', (4, 4)).save(tmp_path / 'own.png')
    cell = new_markdown_cell('![own](own.png) ![pasted](attachment:p.png)')
    cell.attachments = {'p.png': {'image/png': picture()}}
    done, text = made(save(cell, code('1')))
    assert done.warnings == [] and text.count('<img src="data:image/png') == 2


def test_headings_step_down_one_at_a_time(save):
    text = made(save(new_markdown_cell('# A\n\n### B\n\n# C\n\n#### D'), code('1')))[1]
    assert re.findall(r'<(h\d)[ >]', text.partition('</article>')[2]) == ['h2', 'h2', 'h3']


def test_a_picture_without_words_is_told(save):
    done, text = made(save(code('draw()', shown(png=picture()))))
    assert 'without a description' in text and '#| alt:' in done.warnings[0]


@pytest.mark.parametrize(
    'words',
    [
        '/home/' + 'ada/mugs',
        '/Users/' + 'ada/mugs',
        'C:\\Users\\' + 'ada\\x',
        'ada@kitchen.example',
    ],
)
def test_what_is_private_is_named_with_its_cell(save, words, capsys):
    book = save(code('1'), code('print(here)\nx', printed(f'see {words} there'), count=2))
    (said,) = page.page(book).warnings
    assert 'Code cell 2 (print(here)...)' in said and words in said and '--leave-out 2' in said
    assert main(['page', str(book), '--leave-out', '2']) == 0
    assert words not in book.with_suffix('.html').read_text('utf-8')
    assert words not in capsys.readouterr().out
    done, _ = made(save(new_markdown_cell(f'Mine: {words}'), code('1')))
    assert 'The text that begins with "Mine' in done.warnings[0]
    source = save(code(f'open({words!r})'))
    assert page.page(source).warnings == [] and page.page(source, code=True).warnings


def test_cells_that_ran_out_of_order_are_told(save):
    done, _ = made(save(code('1', count=5), code('2', count=3)))
    assert 'another order' in done.warnings[0]


def test_a_notebook_that_has_not_run_is_refused(save):
    with pytest.raises(CourseError, match='has not run to its end') as e:
        page.page(save(code('1'), code('later()', count=None), code('')))
    assert '1 of its 2 code cells have no output' in e.value.why and '2 (later())' in e.value.why
    with pytest.raises(CourseError, match='has not run'):
        page.page(save(code('1', count=None)))
    assert page.page(save(code('1'), code('later()', count=None)), leave_out=[2])


def test_cells_to_leave_out_may_be_given_in_several_ways(save):
    book = save(code("print('a')", printed('a@b.example')), code('2', count=2))
    for given in (1, '1', [1], ['1'], (1,)):
        assert 'a@b.example' not in made(book, leave_out=given)[1]
    for given in (3, 'first', [None]):
        with pytest.raises(CourseError, match='There is no code cell'):
            page.page(book, leave_out=given)


def test_sentences_go_on_in_the_next_line_and_columns_do_not(save):
    text = made(save(code('1', printed('A long sentence.\n')), name='a.ipynb'))[1]
    assert 'class="out words"' in text
    text = made(save(code('1', printed('name   right\nada       21\n')), name='b.ipynb'))[1]
    assert 'class="out"' in text and 'class="out words"' not in text


def test_the_table_of_a_training_is_a_table(save):
    "What fastprogress leaves in a notebook: a style alone, then the table as HTML and as Markdown."
    style = shown(html='<style>progress { border: none; }</style>', plain='<HTML object>')
    rows = '<table><tbody><tr><td>0.84</td></tr></tbody></table>'
    trained = new_output(
        'display_data',
        {'text/html': rows, 'text/markdown': f'```html\n{rows}\n```', 'text/plain': rows},
    )
    done, text = made(save(code('fit()', style, trained)))
    assert '<td>0.84</td>' in text and '&lt;' not in text and done.warnings == []


def test_an_error_on_it_is_refused_unless_it_is_meant(save):
    wrong = new_output('error', ename='ValueError', evalue='no mug', traceback=[])
    with pytest.raises(CourseError, match=r'Code cell 1 \(f\(\)\) ended with an error: ValueError'):
        page.page(save(code('f()', wrong)))
    assert 'no mug' in made(save(code('f()', wrong, tags=['raises-exception'])))[1]
    assert page.page(save(code('f()', wrong)), leave_out=[1])


def test_what_is_no_notebook(save, tmp_path, capsys):
    for name, words in (('no.ipynb', b'{"cells": 3'), ('a.ipynb', b'[]'), ('b.ipynb', b'\xff')):
        (tmp_path / name).write_bytes(words)
        assert main(['page', name]) == 1 and 'is no notebook' in capsys.readouterr().err
        (tmp_path / name).unlink()
    assert main(['page', 'gone.ipynb']) == 1 and 'no file "gone' in capsys.readouterr().err
    assert main(['page']) == 1 and 'There is no notebook' in capsys.readouterr().err
    save(code('1'), name='a.ipynb')
    assert main(['page']) == 0 and (tmp_path / 'a.html').exists()
    save(code('1'), name='b.ipynb')
    assert main(['page']) == 1 and 'There are 2: a.ipynb, b.ipynb' in capsys.readouterr().err
    assert main(['page', 'a.ipynb', '--leave-out', '9']) == 1
    assert 'no code cell 9' in capsys.readouterr().err


def test_a_page_too_large_names_the_cell(save, monkeypatch):
    monkeypatch.setattr(page, 'MOST', 30_000)
    book = save(code('1'), code('draw()', shown(png=picture(300, noise=True)), count=2))
    with pytest.raises(CourseError, match='would have') as e:
        page.page(book)
    assert 'Code cell 2 (draw())' in e.value.why and '--leave-out 2' in e.value.do
    assert not book.with_suffix('.html').exists() and page.page(book, leave_out=[2])


def test_nothing_is_overwritten_that_it_did_not_make(save):
    book = save(code('1'))
    done, _ = made(book)
    assert page.page(book).path == done.path, 'its own is renewed'
    done.path.write_text(done.path.read_text('utf-8') + '!', 'utf-8')
    with pytest.raises(CourseError, match='was not written') as e:
        page.page(book)
    assert 'not made by whole-game page' in e.value.why
    assert page.page(book, 'other.html').path.exists()
    with pytest.raises(CourseError, match='was not written'):
        page.page(book, 'nowhere/page.html')


def test_the_figures_of_a_project_are_on_it(save, tmp_path):
    own = projects.new_project(tmp_path / 'my_mugs')
    with pytest.raises(CourseError, match='your_game.ipynb has not run'):
        page.page(own)
    (own / 'model').mkdir()
    labels = ['mug'] * 10
    model = own / 'model' / 'my_mugs'
    modelcard.measured(labels, labels, [0.9] * 10, path=model, groups={'by <night>': (7, 10)})
    card = own / 'model_card.md'
    card.write_text(card.read_text('utf-8').replace('not for?**', 'not for?** Tea <b>.'), 'utf-8')
    nbformat.write(new_notebook(cells=[code('1')]), own / 'your_game.ipynb')
    text = made(own)[1]
    for wanted in (
        '10 of 10',
        'between 72% and 100%',
        'by &lt;night&gt;',
        '7 of 10',
        'Tea &lt;b&gt;.',
    ):
        assert wanted in text, wanted
    assert 'model/my_mugs.measured.json' in text
    assert '10 of 10' in made(save(code('1')), model=model)[1]
    with pytest.raises(CourseError, match='Nothing was measured about the model "mistyped"'):
        page.page(save(code('1')), model=model.with_name('mistyped'))
    with pytest.raises(CourseError, match='makes no sense'):
        figures = json.loads(model.with_suffix('.measured.json').read_text())
        model.with_suffix('.measured.json').write_text(json.dumps(figures | {'groups': [1]}))
        page.page(save(code('1')), model=model)
