"Phrases that read as translated, and other names for one thing: found, counted, never more."

import pytest
from course_fixtures import put
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course import phrases
from course.common import ROOT

GLOSSARY = """**ReLU** (02): zero below zero. At first: *bend*.

**Filter** (02): weights that slide. Elsewhere: *kernel*, *mask*.
"""


def project(tmp_path, lessons, left=''):
    "A project with these lessons, each a list of cells' sources, prose or (code,)."
    for number, cells in lessons.items():
        made = [
            new_code_cell(cell[0]) if isinstance(cell, tuple) else new_markdown_cell(cell)
            for cell in cells
        ]
        put(new_notebook(cells=made), tmp_path / 'nbs' / f'{number}_x.ipynb')
    for folder in ('docs', 'course'):
        (tmp_path / folder).mkdir()
    (tmp_path / 'docs' / 'glossary.md').write_text(GLOSSARY)
    (tmp_path / 'course' / 'phrases.toml').write_text(
        f'[phrases]\n"gives? back" = "return"\n[left]\n{left}'
    )
    return phrases.complaints(tmp_path)


@pytest.mark.parametrize(
    'cell',
    [
        'It gives back two.',
        ('f(x)  # give back x',),
        ('x = """It gives\nback"""',),
        ("x = ('It gives'\n' back')",),
    ],
)
def test_a_phrase_is_found_in_prose_comments_and_texts(tmp_path, cell):
    (one,) = project(tmp_path, {'01': [cell]})
    assert 'nbs/01_x.ipynb: 1 phrases' in one and 'return' in one


def test_code_itself_is_not_prose(tmp_path):
    assert project(tmp_path, {'01': [('gives = back',), '```\ngives back\n```']}) == []


def test_other_names_are_faults_after_the_lesson_that_earns_the_term(tmp_path):
    cells = ['A bend, two bends, a *kernel*, `bend`, bendable, a mask.']
    assert project(tmp_path, {'01': cells, '02': cells}) == []
    (tmp_path / 'later').mkdir()
    (one,) = project(tmp_path / 'later', {'03': cells})
    assert '3 phrases' in one and 'ReLU is its one name' in one


@pytest.mark.parametrize('left, said', [(2, None), (1, '1 is the most'), (3, 'Lower'), (0, '0 is')])
def test_the_number_that_is_left_may_only_go_down(tmp_path, left, said):
    found = project(tmp_path, {'01': ['give back, give back']}, f"'nbs/01_x.ipynb' = {left}")
    assert len(found) == bool(said) and all(said in one for one in found)


def test_a_file_that_is_gone_or_clean_is_deleted_from_the_list(tmp_path):
    found = project(tmp_path, {'01': ['fine']}, "'nbs/01_x.ipynb' = 2\n'nbs/02_x.ipynb' = 1")
    assert 'Delete that line' in found[0] and 'there is no nbs/02_x.ipynb' in found[1]


def test_every_pattern_of_ours_finds_something_and_is_read():
    listed, _ = phrases.listed()
    assert len(listed) > 15
    bad = {
        'percentage': '81 of a hundred',
        'fix': 'It is mended.',
        'subject': 'On the left stands a tree',
        'validation': 'digits kept back',
        'because': 'wait, for it is late',
        'pixels': 'a picture of 28 x 28 points',
    }
    for say, text in bad.items():
        assert any(say in instead for _, _, instead in phrases.faults('x', text, listed, {})), text
    good = (
        'This stands for batch and stands in for the rest. It tells lies. A step for the first'
        ' time, for a while. It says how far off we are, in points.'
    )
    assert phrases.faults('x', good, listed, {}) == []
    assert {'nbs/lib/errors.ipynb', 'README.md'} <= set(phrases.texts(ROOT))


def test_our_glossary_marks_other_names_and_a_later_lesson_must_not_use_them():
    others = phrases.other_names()
    terms = {term for term, _ in others.values()}
    assert (
        len(others) >= 12
        and {
            'Batch',
            'Filter',
            'Finite difference',
            'Gradient',
            'Hidden unit',
            'ReLU',
            'Shortcut',
        }
        <= terms
    )
    for name, (term, earned) in others.items():
        text = f'Here is one {name} more.'
        assert phrases.faults(f'nbs/{earned}_x.ipynb', text, {}, others) == [], name
        said = phrases.faults(f'nbs/{int(earned) + 1:02}_x.ipynb', text, {}, others)
        assert [instead for _, _, instead in said] == [f'{term} is its one name'], name
