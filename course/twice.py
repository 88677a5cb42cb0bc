"""Every cell of a lesson run twice in a row, as people do who change something and run it again.

`python -m course.twice [NAME]` says what goes wrong then: an error that the lesson does not
announce (tag `raises-exception`), a text other than the committed one (in cells that are not
exempt), a number recorded below its floor. On another machine than the outputs were made on, the
second run is compared with the first. And when all has run, no Learner may be about to save into
the folder of a data set, where `data fetch --again` would meet its files.
"""

import argparse
import copy
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell

from course.cells import is_exempt, tags
from course.common import NBS, Complaint, lessons, local_sets, prepare, run, say, settings
from course.execute import execute
from course.full_pass import is_reference
from course.learner import copy_side_files
from course.normalise import outputs

ANNOUNCED = 'raises-exception'
LEARNERS = """import gc, sys

if 'fastai.learner' in sys.modules:
    from fastai.learner import Learner
    from whole_game.data import cache_folder

    _data = cache_folder().resolve()
    _paths = [it.path.resolve() for it in gc.get_objects() if issubclass(type(it), Learner)]
    print(*{path.relative_to(_data) for path in _paths if path.is_relative_to(_data)})
"""


def doubled(nb):
    "The notebook with each code cell twice; none of them stops the run."
    nb, cells = copy.deepcopy(nb), []
    for cell in nb.cells:
        cells.append(cell)
        if cell.cell_type == 'code':
            cell.metadata.tags = sorted(tags(cell) | {ANNOUNCED})
            cells.append(nbformat.from_dict({**copy.deepcopy(cell), 'id': f'{cell.id[:50]}-again'}))
    nb.cells = cells + [new_code_cell(LEARNERS, id='learners')]
    return nb


def text(cell):
    "What a person reads below a cell, without its pictures; of an error, its name and message."
    found = []
    for out in outputs(cell.outputs, 0, cell.id.removesuffix('-again')):
        if out.output_type == 'stream':
            found.append(out.text)
        elif out.output_type == 'error':
            found.append(f'{out.ename}: {out.evalue}')
        else:
            found.append(out.data.get('text/plain', ''))
    # %%writefile says that the file is there already
    return '\n'.join(found).replace('Overwriting ', 'Writing ')


def compare(cell, first, second, strict=True):
    "What is wrong with a cell, given its two runs; nothing when all is well."
    for ran, when in ((first, 'first'), (second, 'second')):
        if ANNOUNCED not in tags(cell) and any(o.output_type == 'error' for o in ran.outputs):
            return f'raises an error the {when} time:\n{text(ran)}'
    want = cell if strict else first
    for ran, when in ((first, 'first'), (second, 'second')):
        if not is_exempt(cell) and text(ran) != text(want):
            return f'says the {when} time:\n{text(ran)}\nand should:\n{text(want)}'
    return ''


def twice(path):
    "Run each cell of the lesson twice; a list of what is wrong, in words."
    path = Path(path)
    nb, strict = nbformat.read(str(path), 4), is_reference([path], path.parent)[0]
    with tempfile.TemporaryDirectory() as folder:
        copy_side_files(path.parent, Path(folder))
        ran = execute(path, doubled(nb), folder=folder)
    if ran.error:
        return [ran.error]
    by_id = {cell.id: cell for cell in ran.nb.cells}
    found = []
    for cell in nb.cells:
        if cell.cell_type == 'code':
            again = by_id[f'{cell.id[:50]}-again']
            if wrong := compare(cell, by_id[cell.id], again, strict):
                found.append(f'{path.stem}, cell {cell.id}:\n{cell.source}\n{wrong}')
    for name, least in settings().get(path.stem, {'floors': {}})['floors'].items():
        told = [r['metrics'][name] for r in ran.records if name in r['metrics']]
        worst = min(told, default=float('nan'))
        if not worst >= least:
            found.append(f'{path.stem}: {name} is {worst:.4g}; the floor is {least:g}.')
    if into := text(by_id['learners']).strip():
        found.append(f'{path.stem}: a Learner saves into the data of {into}')
    return found


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m course.twice', description='Run every cell of the lessons twice in a row.'
    )
    parser.add_argument('name', nargs='?', default='', help='only lessons whose name begins so')
    name = parser.parse_args(argv).name
    chosen = [path for path in lessons(NBS) if path.stem.startswith(name)]
    if not chosen:
        raise Complaint(f'No lesson is called {name!r}.')
    prepare(local_sets())
    wrong = [path.stem for path in chosen if told(path)]
    if wrong:
        raise Complaint(f'Not the same when run twice: {", ".join(wrong)}.')


def told(path):
    "Run one lesson twice and say what came of it; whether something is wrong."
    found = twice(path)
    say('\n\n'.join([f'{path.stem}: {len(found)} complaints.', *found]))
    return found


if __name__ == '__main__':
    run(main)
