"""A lesson as the book shows it: without what is for instructors, solutions folded, each picture
with its words, and below the opening a button that gives the learner's copy."""

import base64
import re
from itertools import groupby

from nbformat.v4 import new_markdown_cell, new_output

from course.book_pages import render
from course.cells import alt_text, shows_picture, tags
from course.common import Complaint


def cover(nb):
    "The picture at the top of a lesson as (bytes, words); nothing when it has none."
    for cell in nb.cells:
        if 'cover' in tags(cell) and cell.get('attachments'):
            picture = base64.b64decode(cell.attachments['cover.jpg']['image/jpeg'])
            return picture, re.search(r'!\[([^\]]*)\]', cell.source)[1]


def describe_pictures(cells, stem):
    "Give each picture its alternative text on the page. Complaint about every one without."
    wordless = []
    for cell in cells:
        if shows_picture(cell):
            alt = alt_text(cell).strip()
            if not alt:
                wordless.append(cell.source.strip().splitlines()[-1][:60])
            # MyST-NB reads this as an option of a directive: a double quote would end it
            cell.metadata['mystnb'] = {'image': {'alt': alt.replace('"', "'")}}
    if wordless:
        raise Complaint(
            f'{stem}: pictures without alternative text, drawn by the cells that end in\n'
            + ''.join(f'    {line}\n' for line in wordless)
            + 'Say in the metadata of each of these cells, under "alt", what its picture shows.'
        )


def tell_course_errors(cells):
    "Show an error that the course itself raises as its sentences, without a traceback."
    for cell in cells:
        if cell.cell_type == 'code':
            cell.outputs = [
                new_output('stream', name='stdout', text=out.evalue)
                if out.get('ename') == 'CourseError'
                else out
                for out in cell.outputs
            ]


def fold(cells):
    "The cells with each run of solutions in a box that opens on a click."
    folded = []
    for is_solution, group in groupby(cells, lambda cell: 'solution' in tags(cell)):
        group = list(group)
        if is_solution:
            if group[0].source.strip() == 'One solution:':
                del group[0]  # the box says so
            opening = '<details class="solution">\n<summary>One solution</summary>'
            group = [new_markdown_cell(opening), *group, new_markdown_cell('</details>')]
        folded += group
    return folded


def detach(cells, stem, folder):
    "Write the pictures attached to cells as files, which is how Sphinx finds them."
    for n, cell in enumerate(cells):
        for name, data in cell.pop('attachments', {}).items():
            file = f'attached/{stem}-{n}-{name}'
            (folder / 'attached').mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(base64.b64decode(next(iter(data.values()))))
            cell.source = cell.source.replace(f'attachment:{name}', file)
        if cell.cell_type == 'markdown' and 'attachment:' in cell.source:
            raise Complaint(
                f'{stem}: a cell shows a picture that is not attached to it. Run: make lessons'
                f' N={stem[:2]}'
            )


def lesson_page(nb, lesson, folder, colab=''):
    """Turn a lesson's notebook, in place, into its page in the book; pictures attached to cells
    become files in `folder`."""
    cells = [cell for cell in nb.cells if 'instructor' not in tags(cell)]
    describe_pictures(cells, lesson.stem)
    tell_course_errors(cells)
    detach(cells, lesson.stem, folder)
    button = new_markdown_cell(render('play_it.html', lesson=lesson, colab=colab))
    nb.cells = [cells[0], button, *fold(cells[1:])]
    return nb
