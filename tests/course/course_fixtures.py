"Tiny notebooks for the tests of course/: sound ones, to be broken in one place."

import base64
import io

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image


SECTION = {
    'part': 'Play',
    'minutes': 30,
    'seconds': 60,
    'wall': 70,
    'memory_mb': 1000,
    'floors': {'accuracy': 0.9},
}
SETTINGS = """[01_tiny]
part = Play
minutes = 30
seconds = 60
wall = 70
memory_mb = 1000
floor.accuracy = 0.9
"""
RECORD = r"""import json, os

def record(**metrics):
    lesson = os.environ['WHOLE_GAME_LESSON']
    line = dict(lesson=lesson, metrics=metrics, seconds=1, memory_mb=50)
    with open(os.environ['WHOLE_GAME_RECORD'], 'a') as f:
        f.write(json.dumps(line) + '\n')"""


def picture(blank=False):
    "A small PNG as base64."
    image = Image.new('RGB', (8, 8), 'white')
    if not blank:
        image.paste('black', (0, 0, 4, 8))
    held = io.BytesIO()
    image.save(held, 'png')
    return base64.b64encode(held.getvalue()).decode()


def result(words, count=1):
    return new_output('execute_result', {'text/plain': words}, execution_count=count)


def shown(**data):
    return new_output(
        'display_data', {key.replace('_', '/', 1): value for key, value in data.items()}
    )


def printed(words, name='stdout'):
    return new_output('stream', name=name, text=words)


def lesson():
    "A lesson that no check complains about, with its outputs."
    prose = [
        '# A tiny lesson\n\n> You will have added two numbers.\n\n'
        'About 30 minutes, and 20 seconds for the computer.',
        '## Add\n\nTwo numbers. Before you run this: what comes out?',
        '## Draw\n\nA black bar on white, as a picture.',
        '## How good it is\n\nWhat it reached.',
    ]
    code = [
        ('1 + 1', [result('2')], {}),
        ('draw()', [shown(image_png=picture(), text_plain='<Figure>')], {'alt': 'A black bar.'}),
        ('record(accuracy=.95)', [], {}),
        ('print("done")', [printed('done\n')], {}),
    ]
    rest = [
        '## The four questions\n\nIs there enough data? Is it in the right form? '
        'Is the model learning? What if it is not?',
        '## Exercises\n\n### Exercise 1: another sum (25 minutes)\n\nAdd three numbers.',
        '## Quiz\n\nWhat is one and one?',
        '## Recap\n\nYou added.',
        '## If you are stuck\n\nGo back to the last thing that was clear.',
    ]
    cells = []
    for words, (source, outputs, metadata) in zip(prose, code):
        cells.append(new_markdown_cell(words))
        cells.append(new_code_cell(source, outputs=outputs, metadata=metadata))
    cells.insert(1, new_markdown_cell('Begin here.'))
    nb = new_notebook(cells=cells + [new_markdown_cell(words) for words in rest])
    for n, cell in enumerate((cell for cell in nb.cells if cell.cell_type == 'code'), 1):
        cell.execution_count = n
    return nb


def runnable(code=('1 + 1',), title='# Runs\n\n> It runs.'):
    "A notebook that can be executed: a title, then each piece of code under its own heading."
    cells = [new_markdown_cell(title)]
    for n, source in enumerate(code, 1):
        cells += [new_markdown_cell(f'## Part {n}'), new_code_cell(source)]
    return new_notebook(cells=cells)


def put(nb, path):
    "Write a notebook as it is."
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, str(path))
    return path


def project(folder, nb=None, settings=SETTINGS):
    "A project of one lesson."
    put(nb or lesson(), folder / 'nbs' / '01_tiny.ipynb')
    (folder / 'whole_game').mkdir(exist_ok=True)
    (folder / 'settings.ini').write_text(settings)
    return folder
