"""The map in CONTRIBUTING.md, read from the imports: a room imports only from rooms below it, and
course/ goes nowhere in circles. Imports inside functions count, too."""

import ast
from functools import cache

import nbformat
import pytest

from course.cells import parsed
from course.common import ROOT, lessons, library

FLOOR = {'errors', 'data', 'pictures'}  # what own/ and makers/ may import besides themselves
ROOMS = ('own', 'makers', 'exercises')
# Imports that the map forbids, each with its reason: {(module, what it imports): why}.
EXCEPTIONS = {
    ('own.trust', 'modelcard'): "Wilson's interval, which lesson 04 put on its card",
}


def imported(tree, package):
    "The full names that a syntax tree imports; `package` is where the relative ones begin."
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split('.')
            above = parts[: len(parts) - node.level + 1] if node.level else []
            module = '.'.join([*above, *filter(None, [node.module])])
            yield from (f'{module}.{alias.name}' for alias in node.names)


@cache
def graph(top, root=ROOT):
    "Which modules of a package each of them imports: {name below it: {names below it}}."
    paths = {
        path.relative_to(root).with_suffix('').as_posix().replace('/', '.'): path
        for path in sorted((root / top).rglob('*.py'))
    }
    found = {}
    for name, path in paths.items():
        tree = ast.parse(path.read_text(encoding='utf-8'))
        known = set()
        for word in imported(tree, name.rpartition('.')[0]):
            while word and word not in paths:
                word = word.rpartition('.')[0]  # a function's name is not a module's
            known.add(word.removeprefix(f'{top}.'))
        found[name.removeprefix(f'{top}.')] = known - {''}
    return found


def broken(modules, forbidden, exceptions=EXCEPTIONS):
    "The imports, as pairs, that a rule forbids and no exception allows."
    pairs = {(name, other) for name, others in modules.items() for other in others}
    return sorted({pair for pair in pairs if forbidden(*pair)} - set(exceptions))


def room(name):
    "The folder that a module is in: own, makers, exercises, or '' for a flat one."
    return name.partition('.')[0] if '.' in name or name in ROOMS else ''


def leaves_the_ground_floor(name, other):
    return room(name) in ('own', 'makers') and other not in FLOOR and room(other) != room(name)


def goes_up(name, other):
    "What a field's stations use may know its makers, which lie below; no other flat module does."
    if name == 'cli' or room(name):
        return False
    return (
        room(other) == 'makers'
        and not name.startswith('fields_')
        or room(other)
        in (
            'own',
            'exercises',
        )
    )


def imports_the_command_line(name, other):
    return other == 'cli'


RULES = (leaves_the_ground_floor, goes_up, imports_the_command_line)


@pytest.mark.parametrize('rule', RULES)
def test_the_library_imports_downwards(rule):
    modules = graph('whole_game')
    assert len(modules) >= 60 and {'errors', 'own.network', 'makers.styles'} <= set(modules)
    assert broken(modules, rule) == []


@pytest.mark.parametrize(
    'rule, name, source',
    [
        (leaves_the_ground_floor, 'own.optim', 'from ..graphs import draw'),
        (leaves_the_ground_floor, 'own.optim', 'from ..makers.styles import paint'),
        (leaves_the_ground_floor, 'makers.names', 'def f():\n    from whole_game.check import a'),
        (leaves_the_ground_floor, 'makers.names', 'import whole_game.own.network'),
        (goes_up, 'backbone', 'from .own import pixels'),
        (goes_up, 'check', 'def f():\n    import whole_game.exercises.lesson_01 as x'),
        (goes_up, 'data', 'from whole_game.makers.names import make'),
        (imports_the_command_line, 'doctor', 'from . import cli'),
        (imports_the_command_line, 'exercises.lesson_01', 'from ..cli import main'),
    ],
)
def test_a_forbidden_import_is_seen(tmp_path, rule, name, source):
    for path in (ROOT / 'whole_game').rglob('*.py'):
        there = tmp_path / path.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text('')
    (tmp_path / 'whole_game' / f'{name.replace(".", "/")}.py').write_text(source)
    modules = graph('whole_game', tmp_path)
    ((found, other),) = broken(modules, rule)
    assert found == name and other in modules
    assert broken(modules, rule, {(name, other): 'a reason'}) == []


def test_every_exception_is_still_needed():
    modules = graph('whole_game')
    for name, other in EXCEPTIONS:
        assert other in modules[name], f'{name} imports {other} no more: delete the exception'


def cycle(modules):
    "The names along a cycle of imports; empty when there is none."
    done = set()

    def walk(name, trail):
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in done:
            return []
        for other in sorted(modules.get(name, ())):
            if found := walk(other, [*trail, name]):
                return found
        done.add(name)
        return []

    return next((found for name in modules if (found := walk(name, []))), [])


@pytest.mark.parametrize('top, least', [('course', 25), ('whole_game', 60), ('benchmarks', 4)])
def test_nothing_goes_in_circles(top, least):
    modules = graph(top)
    assert len(modules) >= least
    assert cycle(modules) == []


def test_a_circle_is_seen():
    assert cycle({'a': {'b'}, 'b': {'c', 'd'}, 'c': set(), 'd': {'b'}}) == ['b', 'd', 'b']
    assert cycle({'a': {'a'}}) == ['a', 'a']
    assert cycle({'a': {'b', 'c'}, 'b': {'c'}, 'c': set()}) == []


def courses(tree, package=''):
    "What a syntax tree imports from the tools that only maintainers have."
    return [
        name for name in imported(tree, package) if name.split('.')[0] in ('course', 'benchmarks')
    ]


def test_neither_lessons_nor_the_library_import_the_maintainers_tools():
    for path in sorted((ROOT / 'whole_game').rglob('*.py')):
        assert courses(ast.parse(path.read_text(encoding='utf-8'))) == [], path
    notebooks = [*lessons(), *library()]
    assert len(notebooks) >= 60
    for path in notebooks:
        for n, cell in enumerate(nbformat.read(path, 4).cells, 1):
            if cell.cell_type == 'code':
                assert courses(parsed(cell)) == [], f'{path.name}, cell {n}'


def test_an_import_of_the_tools_is_seen():
    for line in ('from course import check', 'import course.check as c', 'import benchmarks.bench'):
        cell = nbformat.v4.new_code_cell(f'%matplotlib inline\ndef f():\n    {line}')
        assert courses(parsed(cell)), line
    assert courses(ast.parse('import courses')) == []
