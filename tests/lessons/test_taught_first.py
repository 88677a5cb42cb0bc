"Python and words come in a lesson before another lesson takes them for granted."

import ast
import re

import nbformat

from course.common import lessons

# explained in a clause where lessons 01 to 03 first use them
GLOSSED = {'Lambda', 'GeneratorExp', 'IfExp', 'Assert', 'Invert', 'DictComp', '**'}
ASKED = (
    ast.If,
    ast.IfExp,
    ast.For,
    ast.While,
    ast.With,
    ast.FunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.Assert,
    ast.Try,
    ast.Raise,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.Dict,
    ast.Set,
    ast.Slice,
    ast.Starred,
    ast.JoinedStr,
    ast.Import,
    ast.ImportFrom,
    ast.AugAssign,
    ast.NamedExpr,
    ast.Yield,
)


def notebook(number):
    path = next(p for p in lessons() if p.name.startswith(number))
    return nbformat.read(path, 4)


def constructs(number):
    "The kinds of Python that a learner meets in a lesson's cells."
    found = set()
    for cell in notebook(number).cells:
        if cell.cell_type != 'code' or 'instructor' in cell.metadata.get('tags', []):
            continue
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ASKED):
                found.add(type(node).__name__)
            if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
                found.add('Invert')
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
                found.add('unpacking')
            if isinstance(node, ast.keyword) and node.arg is None:
                found.add('**')
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                line = ast.get_source_segment(cell.source, node)
                found |= {'5e-3'} if 'e' in line else set()
    return found


def test_lesson_00_shows_the_python_of_lessons_01_to_03():
    shown = constructs('00') | GLOSSED
    for number in '01', '02', '03':
        assert constructs(number) <= shown, (number, constructs(number) - shown)


def test_a_test_set_is_defined_where_it_is_first_named():
    for path in lessons():
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type == 'markdown' and (m := re.search(r'\**\btest set', cell.source)):
                assert path.name.startswith('01') and m[0] == '**test set', (path.name, cell.id)
                return


def test_pixels_are_called_pixels_from_the_first_lesson_on():
    said = re.compile(
        r'\d+ points (high|wide|long)|points of (random|a picture)|\(points\)|grey.*each point'
    )
    for number in '00', '01', '02', '03':
        for cell in notebook(number).cells:
            assert not said.search(cell.source), (number, cell.id)
