"""The lesson index, whole_game/lessons.json: what an installed copy knows about the lessons.

Made from settings.ini (part, minutes, budgets, floors), each lesson's first cell (title and
promise), the names of its exercises that have a check, and the questions in nbs/NN_*.quiz.toml
where a lesson has them.
"""

import argparse
import json
import re
import tomllib

import nbformat

from course.common import ROOT, Complaint, lessons, run, say, settings

FILE = 'whole_game/lessons.json'


def opening(path):
    "The lesson's title and its `>` line, from its first cell."
    cells = nbformat.read(str(path), 4).cells
    first = cells[0].source if cells and cells[0].cell_type == 'markdown' else ''
    title, promise = re.search(r'^# (.+)$', first, re.M), re.findall(r'^> ?(.*)$', first, re.M)
    if not title:
        raise Complaint(f'{path.name}: the first cell has no title (a line that begins with "# ").')
    return title[1].strip(), ' '.join(line.strip() for line in promise).strip()


def exercises(path):
    "The names of the lesson's exercises that have a check, in order."
    cells = nbformat.read(str(path), 4).cells
    return [
        name
        for cell in cells
        if cell.cell_type == 'code'
        for name in re.findall(r"^check\('([^']+)', \w+\)", cell.source, re.M)
    ]


def build(root=ROOT):
    "The index as a list with one dict for each lesson, in order."
    known, entries = settings(root / 'settings.ini'), []
    here = {path.stem: path for path in lessons(root / 'nbs')}
    if odd := sorted(set(known) ^ set(here)):
        raise Complaint(
            'settings.ini and nbs/ disagree about: '
            + ', '.join(odd)
            + '. Every lesson has one section of the same name.'
        )
    for stem, path in here.items():
        title, promise = opening(path)
        entry = {
            'number': int(stem[:2]),
            'stem': stem,
            'title': title,
            'promise': promise,
            **{key: value for key, value in known[stem].items() if key != 'cards'},  # the book's
            'exercises': exercises(path),
        }
        quiz = path.with_name(f'{stem}.quiz.toml')
        if quiz.exists():
            try:
                entry['quiz'] = tomllib.loads(quiz.read_text(encoding='utf-8'))
            except tomllib.TOMLDecodeError as wrong:
                raise Complaint(f'nbs/{quiz.name}: {wrong}') from None
        entries.append(entry)
    return entries


def text(root=ROOT):
    return json.dumps(build(root), indent=1, ensure_ascii=False, sort_keys=True) + '\n'


def write(root=ROOT):
    (root / FILE).write_text(text(root), encoding='utf-8')


def complaints(root=ROOT):
    "One sentence when the index on the disk is not the one that would be made now."
    path = root / FILE
    if not path.exists():
        return [f'{FILE}: missing. Run: make lib']
    if path.read_text(encoding='utf-8') == text(root):
        return []
    return [f'{FILE}: out of step with settings.ini, the first cells or the quizzes. Run: make lib']


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m course.index', description='Write the lesson index.'
    )
    parser.add_argument('--check', action='store_true', help='only say whether it is in step')
    if parser.parse_args(argv).check:
        if found := complaints():
            raise Complaint(found[0])
    else:
        write()
    say(f'{FILE} is in step.')


if __name__ == '__main__':
    run(main)
