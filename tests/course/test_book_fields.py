"""The page "What can it do?": a card for each station, with what was recorded."""

import base64
import io
import json
from types import SimpleNamespace

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from course import book_fields
from course.common import Complaint


def drawn():
    "An output with a picture."
    raw = io.BytesIO()
    Image.new('RGB', (800, 300), 'teal').save(raw, 'PNG')
    picture = base64.b64encode(raw.getvalue()).decode()
    return [new_output('display_data', {'image/png': picture})]


def lesson():
    "Two stations between an opening and an end; the second has a picture."
    return new_notebook(
        cells=[
            new_markdown_cell('# In a scan'),
            new_markdown_cell('## Station 1: Count cells\n\nHow many?'),
            new_code_cell("record(error=0.03, simple_error=0.3, seconds=2)"),
            new_markdown_cell('## Station 2: A brain'),
            new_code_cell('show()', outputs=drawn(), metadata={'alt': 'A teal brain.'}),
            new_code_cell('record(\n    dice=0.7312,\n)'),
            new_markdown_cell('## Recap'),
            new_code_cell('record(other=1)'),
        ]
    )


RECORDED = {'14_scan': {'error': 0.03, 'simple_error': 0.3, 'dice': 0.7312}}
CARDS = {
    'dice': 'Dice {dice:.2f}',
    'error': '{error:.0%} off; counting dark spots {simple_error:.0%} off',
}


def cards(nb=None, recorded=RECORDED, **known):
    return book_fields.cards('14_scan', nb or lesson(), {'cards': known or CARDS}, recorded)


def test_each_station_gets_the_card_of_what_it_records():
    first, second = cards()
    assert (first.title, first.words) == ('Count cells', '3% off; counting dark spots 30% off')
    assert first.picture is None
    assert (second.title, second.words) == ('A brain', 'Dice 0.73')
    assert second.picture[1] == 'A teal brain.'


def test_a_tag_chooses_the_picture():
    nb = lesson()
    other = new_code_cell('show()', outputs=drawn(), metadata={'alt': 'Chosen.', 'tags': ['card']})
    nb.cells.insert(5, other)
    assert cards(nb)[1].picture[1] == 'Chosen.'


@pytest.mark.parametrize(
    'known, said',
    [
        ({'dice': 'Dice {dice}'}, 'the station "Count cells" has no card'),
        (CARDS | {'other': 'x'}, 'no station records other'),
        (CARDS | {'dice': '{lost}'}, "card.dice cannot be filled in: 'lost'"),
        (CARDS | {'dice': '{}'}, 'card.dice cannot be filled in'),
    ],
)
def test_what_does_not_fit_is_told(known, said):
    with pytest.raises(Complaint) as met:
        cards(**known)
    assert said in str(met.value)


def test_a_lesson_that_never_ran_is_told():
    with pytest.raises(Complaint, match='nothing so far'):
        cards(recorded={})


def test_the_page(tmp_path):
    (tmp_path / 'nbs').mkdir()
    (tmp_path / 'nbs' / 'recorded.json').write_text(json.dumps(RECORDED))
    found = [SimpleNamespace(stem=stem, title='In a scan') for stem in ('01_play', '14_scan')]
    notebooks, known = {'14_scan': lesson()}, {'14_scan': {'cards': CARDS}}
    page = book_fields.fields_page(tmp_path, tmp_path / 'made', found, notebooks, known)
    assert '## 14 In a scan' in page and 'Dice 0.73' in page and 'alt="A teal brain."' in page
    assert (tmp_path / 'made' / '14_dice.jpg').stat().st_size > 500
    assert page.count('<figure>') == 2 and page.count('<img') == 1
    assert book_fields.fields_page(tmp_path, tmp_path / 'made', found[:1], {}, {}) == ''
