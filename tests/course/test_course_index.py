"The lesson index, the settings it is made from, and the library in step with the notebooks."

import shutil

import pytest
from course_fixtures import SETTINGS, lesson, project, put
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course import common, index, sync
from course.common import ROOT, Complaint


@pytest.fixture
def root(tmp_path):
    return project(tmp_path / 'a')


def test_what_is_in_it(root):
    (entry,) = index.build(root)
    assert entry == {
        'number': 1,
        'stem': '01_tiny',
        'title': 'A tiny lesson',
        'promise': 'You will have added two numbers.',
        'part': 'Play',
        'minutes': 30,
        'seconds': 60,
        'wall': 70,
        'memory_mb': 1000,
        'floors': {'accuracy': 0.9},
        'exercises': [],
    }


def test_in_step_and_out_of_step(root):
    assert ['missing' in said for said in index.complaints(root)] == [True, True]
    index.write(root)
    assert index.complaints(root) == []
    (root / 'settings.ini').write_text(SETTINGS.replace('seconds = 60', 'seconds = 61'))
    assert 'out of step' in index.complaints(root)[0]


def test_exercises_with_a_check_travel_with_it(root):
    nb = lesson()
    nb.cells += [
        new_code_cell("from whole_game.check import check\n\ncheck('01 sum', total)"),
        new_code_cell("check('01 more', other)"),
    ]
    put(nb, root / 'nbs' / '01_tiny.ipynb')
    assert index.build(root)[0]['exercises'] == ['01 sum', '01 more']


def test_quizzes_travel_with_it(root):
    (root / 'nbs' / '01_tiny.quiz.toml').write_text('[[questions]]\nask = "1 + 1?"\n')
    assert index.build(root)[0]['quiz'] == {'questions': [{'ask': '1 + 1?'}]}
    (root / 'nbs' / '01_tiny.quiz.toml').write_text('[[questions]\n')
    with pytest.raises(Complaint, match='01_tiny.quiz.toml'):
        index.build(root)


def test_the_glossary_travels_too(root):
    (root / 'docs').mkdir(exist_ok=True)
    page = root / 'docs' / 'glossary.md'
    page.write_text('# Glossary\n\n**Loss** (01, 25): how *wrong*\nit is.\n\n**Way**: no lesson.\n')
    assert index.words(root) == [
        {'term': 'Loss', 'lessons': ['01', '25'], 'means': 'how *wrong* it is.'},
        {'term': 'Way', 'lessons': [], 'means': 'no lesson.'},
    ]
    index.write(root)
    assert index.complaints(root) == []
    page.write_text(page.read_text().replace('wrong', 'right'))
    (said,) = index.complaints(root)
    assert 'glossary.json: out of step with docs/glossary.md' in said and 'make lib' in said


@pytest.mark.parametrize(
    'settings, said',
    [
        (SETTINGS + SETTINGS.replace('01_tiny', '02_gone'), 'disagree about: 02_gone'),
        (SETTINGS.replace('01_tiny', '01_other'), '01_other, 01_tiny'),
        (SETTINGS.replace('seconds = 60\n', ''), "has no 'seconds'"),
        (SETTINGS.replace('wall = 70\n', ''), "has no 'wall'"),
        (SETTINGS.replace('= 30', '= half an hour'), 'half an hour'),
    ],
)
def test_settings_and_notebooks_agree(root, settings, said):
    (root / 'settings.ini').write_text(settings)
    with pytest.raises(Complaint, match=said):
        index.build(root)


def test_a_lesson_without_a_title(root):
    nb = lesson()
    nb.cells[0].source = 'Hello'
    put(nb, root / 'nbs' / '01_tiny.ipynb')
    with pytest.raises(Complaint, match='no title'):
        index.build(root)


def test_the_projects_own_settings_read():
    assert all(section['seconds'] > 0 for section in common.settings().values())


# --- the library in step


@pytest.fixture
def library(root):
    "A project whose library is in step: one notebook that exports one function."
    shutil.copy(ROOT / 'pyproject.toml', root / 'pyproject.toml')
    (root / 'whole_game' / '__init__.py').write_text('"A package."\n')
    put(
        new_notebook(
            cells=[
                new_markdown_cell('# Adding\n\n> One function.'),
                new_code_cell('#| default_exp adding'),
                new_code_cell('#| export\ndef add(a, b):\n    "The sum."\n    return a + b'),
            ]
        ),
        root / 'nbs' / 'lib' / 'adding.ipynb',
    )
    sync.export(root)
    index.write(root)
    return root


def test_a_library_in_step(library):
    before = {path: path.read_bytes() for path in library.rglob('*') if path.is_file()}
    assert sync.complaints(library) == []
    assert {path: path.read_bytes() for path in library.rglob('*') if path.is_file()} == before, (
        'the check changed a file'
    )


def test_a_line_written_by_hand(library):
    path = library / 'whole_game' / 'adding.py'
    path.write_text(path.read_text().replace('a + b', 'a - b'))
    (found,) = sync.complaints(library)
    assert (
        found.startswith('whole_game/adding.py: not what its notebook exports')
        and '+    return a - b' in found
    )


def test_a_stale_module_and_one_by_hand(library):
    (library / 'whole_game' / 'old.py').write_text(sync.GENERATED + '\nx = 1\n')
    (library / 'whole_game' / 'own.py').write_text('x = 1\n')
    old, own = sync.complaints(library)
    assert (
        'old.py: no notebook exports it' in old
        and 'delete it' in old
        and 'own.py' in own
        and 'nbs/lib' in own
    )


@pytest.mark.parametrize('folder', ['own', 'makers'])
def test_modules_in_folders_are_looked_at_too(library, folder):
    nested(library, f'{folder}.deep')
    assert sync.complaints(library) == []
    there = library / 'whole_game' / folder
    (there / 'deep.py').write_text((there / 'deep.py').read_text().replace('x = 1', 'x = 2'))
    (there / 'old.py').write_text(sync.GENERATED + '\nx = 1\n')
    (there / 'mine.py').write_text('x = 1\n')
    mine, old, deep = sync.complaints(library)
    assert f'{folder}/mine.py: no notebook exports it; write it as a notebook' in mine
    assert f'{folder}/old.py: no notebook exports it' in old and 'delete it' in old
    assert f'{folder}/deep.py: not what its notebook exports' in deep and '+x = 2' in deep
    (there / 'deep.py').unlink()
    assert any(f'{folder}/deep.py: missing' in found for found in sync.complaints(library))


def nested(root, module):
    "Add a notebook that exports such a module, and export it."
    cells = [new_code_cell(f'#| default_exp {module}'), new_code_cell('#| export\nx = 1')]
    put(new_notebook(cells=cells), root / 'nbs' / 'lib' / f'{module.replace(".", "/")}.ipynb')
    sync.export(root)


def test_notebooks_of_the_library_at_any_depth(tmp_path):
    names = ['errors', 'own/guards', 'own/deeper/still', 'makers/names']
    for name in [*names, '.ipynb_checkpoints/errors', 'own/.ipynb_checkpoints/guards-checkpoint']:
        put(new_notebook(), tmp_path / 'lib' / f'{name}.ipynb')
    found = [path.relative_to(tmp_path / 'lib').as_posix() for path in common.library(tmp_path)]
    assert found == sorted(f'{name}.ipynb' for name in names)
    assert common.notebooks('guards', tmp_path) == [tmp_path / 'lib' / 'own' / 'guards.ipynb']


def test_a_notebook_that_was_not_exported(library):
    put(
        new_notebook(
            cells=[new_code_cell('#| default_exp more'), new_code_cell('#| export\nx = 1')]
        ),
        library / 'nbs' / 'lib' / 'more.ipynb',
    )
    assert any('more.py: missing' in found for found in sync.complaints(library))


def test_an_index_out_of_step_is_a_complaint(library):
    (library / 'whole_game' / 'lessons.json').write_text('[]\n')
    assert any('lessons.json: out of step' in found for found in sync.complaints(library))


# --- what a lesson's module says about itself

LINE = 'Two numbers, added: what lesson 01 builds.'


@pytest.fixture
def exporting(library):
    "The same, with a lesson that exports a module, and no line about it yet."
    nb = lesson()
    nb.cells += [
        new_code_cell('#| default_exp sums'),
        new_code_cell('#| export\ndef total(a, b):\n    "The sum."\n    return a + b'),
    ]
    put(nb, library / 'nbs' / '01_tiny.ipynb')
    return library


def describe(root, line=LINE):
    (root / 'settings.ini').write_text(SETTINGS + f'module = {line}\n')
    sync.export(root)
    index.write(root)
    return (root / 'whole_game' / 'sums.py').read_text()


def test_a_lessons_module_says_what_is_in_it_and_not_what_the_lesson_promises(exporting):
    before = (index.build(exporting), common.settings(exporting / 'settings.ini'))
    source = describe(exporting)
    assert (
        source.startswith(f'"""{LINE}"""\n\n{sync.GENERATED}')
        and 'You will have' not in source
        and sync.complaints(exporting) == []
    )
    assert (
        index.build(exporting),
        common.settings(exporting / 'settings.ini'),
    ) == before, 'the line is nobody else\'s'
    assert (exporting / 'whole_game' / 'adding.py').read_text().startswith('"""One function."""'), (
        'a notebook of the library speaks for itself'
    )


def test_a_module_exported_without_its_line_is_out_of_step(exporting):
    source = describe(exporting)
    (exporting / 'whole_game' / 'sums.py').write_text(
        source.replace(LINE, 'You will have added two numbers.')
    )
    (found,) = sync.complaints(exporting)
    assert (
        found.startswith('whole_game/sums.py: not what its notebook exports')
        and 'make lib' in found
    )


def test_a_lesson_that_exports_needs_the_line(exporting):
    sync.export(exporting)
    (found,) = sync.complaints(exporting)
    assert (
        found.startswith('settings.ini [01_tiny]: this lesson makes whole_game/sums.py')
        and 'Write there: module = ' in found
        and 'what lesson 01 builds' in found
    )


def test_a_line_about_nothing(library):
    (library / 'settings.ini').write_text(SETTINGS + f'module = {LINE}\n')
    assert any('exports none. Delete' in found for found in sync.complaints(library))


def test_a_line_that_would_end_the_text_too_early(exporting):
    (exporting / 'settings.ini').write_text(SETTINGS + 'module = It says "add"\n')
    assert any('quotation mark' in found for found in sync.lines_missing(exporting))


@pytest.mark.parametrize(
    'source, want',
    [
        ('"""Old."""\n\n# A', '"""New."""\n\n# A'),
        ('# A', '"""New."""\n\n# A'),
        ('"""Old\nand old.\n\nMore."""\n\n# A', '"""New.\n\nMore."""\n\n# A'),
        ('r"""Old \\d."""\n\n# A\nx = """y"""', '"""New."""\n\n# A\nx = """y"""'),
        ('r"""Old.\n\nMore \\d."""\n\n# A', 'r"""New.\n\nMore \\d."""\n\n# A'),
    ],
)
def test_only_the_first_paragraph_is_another(source, want):
    assert sync.described(source, 'New.') == want and sync.described(want, 'New.') == want


def test_the_projects_own_lessons_have_their_lines():
    assert (
        sync.lines_missing() == []
        and sum(bool(module) for module, _ in sync.from_lessons().values()) >= 7
    )
