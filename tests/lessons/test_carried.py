"""Figures that lesson 05 carries over are those that committed code printed elsewhere."""

import re

import nbformat

from course.common import ROOT


def cells(number):
    (path,) = (ROOT / 'nbs').glob(f'{number}_*.ipynb')
    return nbformat.read(path, 4).cells


def code(number):
    return '\n'.join(c.source for c in cells(number) if c.cell_type == 'code')


def printed(number):
    outputs = [out for c in cells(number) for out in c.get('outputs', [])]
    return '\n'.join(str(out.get('text') or out.get('data', {})) for out in outputs)


def test_lesson_5_carries_what_lesson_1_reached():
    "The last row of its first table, to the percent."
    carried = {
        float(x) for x in re.findall(r"(?:pretrained network': |network=)(0\.\d+)", code('05'))
    }
    reached = [
        float(x) for x in re.findall(r'<td>(0\.\d{6})</td>', printed('01').split('</table>')[0])
    ]
    assert carried == {round(reached[-1], 2)}


def test_lesson_5_carries_what_the_benchmark_measured():
    (carried,) = re.findall(r"'network, not pretrained': (0\.\d+)", code('05'))
    page = (ROOT / 'benchmarks' / 'simple_methods.md').read_text(encoding='utf-8')
    (mean,) = re.findall(r'\| pictures: the same network from chance, .*? \| ([\d.]+) \|', page)
    assert float(carried) == round(float(mean) / 100, 2)
