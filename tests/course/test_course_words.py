"The course's words: found in the glossary, and explained where they first appear."

import re

import pytest
from course_fixtures import put
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course import words

GLOSSARY = """# Glossary

**Batch** (01): a pack.

**Ratio** (02): a share.

**Loss** (01): how wrong.

**Item** (01): one example.
"""


def course(tmp_path, *lessons, glossary=GLOSSARY):
    "A course of lessons given as lists of cells, prose unless they are cells already."
    for n, cells in enumerate(lessons, 1):
        put(
            new_notebook(
                cells=[
                    cell if not isinstance(cell, str) else new_markdown_cell(cell) for cell in cells
                ]
            ),
            tmp_path / 'nbs' / f'0{n}_x.ipynb',
        )
    (tmp_path / 'docs').mkdir()
    (tmp_path / 'docs' / 'glossary.md').write_text(glossary)
    return words.complaints(tmp_path)


FIRST = [
    '# One\n\nAn item. Small **batches**.',
    '| word | means |\n|---|---|\n| **loss** | how wrong |',
    'The loss of a batch.',
]


def test_all_is_explained(tmp_path):
    assert course(tmp_path, FIRST, ['A share, or *ratio*.', 'Ratios.']) == []


@pytest.mark.parametrize(
    'first, verdict',
    [
        (
            ['Small batches.', '**Batches**, the **loss**, an item.'],
            'cell 1: uses Batch ("... Small batches. ...") before',
        ),
        ([*FIRST, 'And the ratio.'], 'cell 4: uses Ratio'),
        ([*FIRST, new_code_cell('ratio = 1'), 'See [the ratio](x.md).'], 'cell 5: uses Ratio'),
        (['Small **batches** of items.'], 'Loss'),
    ],
    ids=['marked_too_late', 'a_lesson_too_early', 'in_a_link', 'nowhere'],
)
def test_one_defect_one_verdict(tmp_path, first, verdict):
    found = course(tmp_path, first, ['A share, or *ratio*.'])
    assert len(found) == 1 and verdict in found[0], found


def test_the_glossary_says_where_a_term_is_earned(tmp_path):
    found = course(tmp_path, ['**Batches**, **loss**, items.'], ['Nothing.'], ['The **ratio**.'])
    assert (
        len(found) == 1
        and 'earned in lesson 02, but' in found[0]
        and '03_x.ipynb is the first' in found[0]
    )


@pytest.mark.parametrize(
    'cell',
    [
        '## The ratio',
        '> A ratio.',
        '```\nratio\n```',
        '`a ratio = 1`',
        '| a | the ratio |',
        '<!-- alt: a ratio -->',
        '![a ratio](a.png)',
        new_markdown_cell('The ratio.', metadata={'tags': ['solution']}),
        new_markdown_cell('The ratio.', metadata={'tags': ['instructor']}),
    ],
)
def test_what_is_no_sentence_of_the_lesson(tmp_path, cell):
    assert course(tmp_path, [*FIRST, cell], ['A share, or *ratio*.']) == []


def test_this_courses_glossary_is_read():
    found = words.terms((words.ROOT / 'docs' / 'glossary.md').read_text(encoding='utf-8'))
    assert (
        len(found) >= 85
        and {'01'} == set(found['Batch'][0])
        and all(means for _, means in found.values())
    )
    assert words.EVERYDAY <= set(found)


@pytest.mark.parametrize(
    'term, said',
    [
        ('Batch', 'batches'),
        ('Category', 'categories'),
        ('Loss', 'losses'),
        ('Data set', 'data\nsets'),
        ('Mass', 'mass'),
    ],
)
def test_spelling(term, said):
    assert re.fullmatch(words.spelling(term), said)


def test_a_learner_is_not_a_Learner():
    assert not re.fullmatch(words.spelling('Learner'), 'learner')
