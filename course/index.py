"""The lesson index, whole_game/lessons.json, and beside it whole_game/glossary.json: what an
installed copy knows about the lessons and the course's words.

The index is made from settings.ini (part, minutes, budgets, floors), each lesson's first cell
(title and promise), the names of its exercises that have a check, and the questions in
nbs/NN_*.quiz.toml where a lesson has them; the glossary from docs/glossary.md.
"""

import argparse
import json
import re
import tomllib

import nbformat

from course.common import ROOT, Complaint, lessons, run, say, settings
from course.words import terms

FILE, GLOSSARY = 'whole_game/lessons.json', 'whole_game/glossary.json'


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
        for name in re.findall(r"^check\('([^']+)', [\w(), ]+\)$", cell.source, re.M)
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


def words(root=ROOT):
    "The glossary as a list with one dict for each term, in its order."
    page = root / 'docs' / 'glossary.md'
    found = terms(page.read_text(encoding='utf-8')) if page.exists() else {}
    return [
        {'term': term, 'lessons': numbers, 'means': means}
        for term, (numbers, means) in found.items()
    ]


def texts(root=ROOT):
    "What the two files hold: {path below the root: text}."
    return {
        file: json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + '\n'
        for file, made in ((FILE, build(root)), (GLOSSARY, words(root)))
    }


def write(root=ROOT):
    for file, text in texts(root).items():
        (root / file).write_text(text, encoding='utf-8')


def complaints(root=ROOT):
    "A sentence for each of the two files on the disk that is not the one that would be made now."
    sources = {
        FILE: 'settings.ini, the first cells or the quizzes',
        GLOSSARY: 'docs/glossary.md',
    }
    found = []
    for file, text in texts(root).items():
        path = root / file
        if not path.exists():
            found.append(f'{file}: missing. Run: make lib')
        elif path.read_text(encoding='utf-8') != text:
            found.append(f'{file}: out of step with {sources[file]}. Run: make lib')
    return found


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m course.index', description='Write the lesson index and the glossary.'
    )
    parser.add_argument('--check', action='store_true', help='only say whether they are in step')
    if parser.parse_args(argv).check:
        if found := complaints():
            raise Complaint('\n'.join(found))
    else:
        write()
    say(f'{FILE} and {GLOSSARY} are in step.')


if __name__ == '__main__':
    run(main)
