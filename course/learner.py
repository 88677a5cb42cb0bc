"""`make learner`: the notebooks people work in, learner/NN_*.ipynb, made from nbs/ without
solutions and outputs. `make solutions`: the instructor's, solutions/NN_*.ipynb, with everything:
outputs, solutions, notes and the key to the quiz.

A copy somebody changed is never overwritten: when the lesson has a newer version, it is laid beside
the copy as NN_name.new.ipynb. .made.json in each folder remembers what was written, so that an
untouched copy can be told from a changed one. The learner's folder also has AGENTS.md, which asks
an AI assistant for hints instead of solutions (course/agents.md).
"""

import argparse
import hashlib
import json
import re
import shutil
import tomllib
from pathlib import PurePosixPath

import nbformat

from course.cells import LEFT_OUT, tags
from course.common import NBS, RECORDED, ROOT, Complaint, lessons, run, say, short
from course.normalise import normalise, text
from whole_game.files import write

LEARNER, SOLUTIONS, MADE = ROOT / 'learner', ROOT / 'solutions', '.made.json'
AGENTS = ROOT / 'course' / 'agents.md'  # AGENTS.md in the learner's folder
DOCS = re.compile(r'\]\(\.\./docs/([\w-]+\.md)')  # a link to a page of docs/
# models: what a run of a lesson saved
NOT_FOR_LEARNERS = (
    '*.ipynb',
    '*.quiz.toml',
    'reference.json',
    RECORDED,
    'models',
    '.*',
    '__pycache__',
)


def strip(nb):
    "The learner's version of a lesson: no solutions, no instructor's notes, no outputs."
    nb = normalise(nb)
    nb.cells = [cell for cell in nb.cells if not LEFT_OUT & tags(cell)]
    for cell in nb.cells:
        if cell.cell_type == 'code':
            cell.update(outputs=[], execution_count=None)
    return nb


def with_answers(nb, quiz):
    """The instructor's version: as it ran, solutions and notes marked as such, and the quiz's key
    (`quiz` is its questions) at the end."""
    nb = normalise(nb)
    for cell in nb.cells:
        own = LEFT_OUT & tags(cell)
        if own and cell.cell_type == 'markdown':
            cell.source = f'**[{"solution" if "solution" in own else "for you"}]** {cell.source}'
    lines = []
    for i, q in enumerate(quiz, 1):
        right = next(i for i, a in enumerate(q['answers']) if a.get('right'))
        lines.append(
            f'{i}. {q["question"]} **{"abcdefgh"[right]}) {q["answers"][right]["answer"]}**.'
            f' {q["answers"][right]["why"]}'
        )
    if lines:
        nb.cells.append(
            nbformat.v4.new_markdown_cell(
                '## Key to the quiz\n\n' + '\n'.join(lines), id='quiz-key'
            )
        )
    return nb


def digest(raw):
    return hashlib.sha256(raw).hexdigest()


def place(folder, name, raw, made):
    """Write `raw` as folder/name unless somebody changed what is there; then beside it. Returns
    what to tell, or ''."""
    path = folder / name
    if not path.exists() or digest(path.read_bytes()) in (made.get(name), digest(raw)):
        if path.exists() and path.read_bytes() == raw:
            told = ''
        else:
            told = f'{folder.name}/{name}'
        path.parent.mkdir(parents=True, exist_ok=True)
        write({path: raw})
        made[name] = digest(raw)
        return told
    # changed by its reader, and the lesson is the one they started from
    if made.get(name) == digest(raw):
        return ''
    kind = PurePosixPath(name).suffix
    stem, n = name.removesuffix(kind), 1
    while True:
        beside = f'{stem}.new{kind}' if n == 1 else f'{stem}.new-{n}{kind}'
        if not (folder / beside).exists() or digest((folder / beside).read_bytes()) in (
            made.get(beside),
            digest(raw),
        ):
            break
        if made.get(beside) == digest(raw):
            return ''
        n += 1
    told = place(folder, beside, raw, made)
    if not told:
        return ''
    return (
        f'{folder.name}/{beside}: a newer version; {folder.name}/{name} has your work in it and'
        ' stays as it is'
    )


def page(name, nbs):
    "A page of docs/ for the folder of copies, where the notebooks are one folder above it."
    raw = (nbs.parent / 'docs' / name).read_bytes()
    return raw.replace(b'](../nbs/', b'](../')


def copy_pages(pages, nbs, folder):
    "Copy these pages of docs/ into folder/docs/."
    for name in sorted(pages):
        (folder / 'docs').mkdir(exist_ok=True)
        (folder / 'docs' / name).write_bytes(page(name, nbs))


def side_files(nbs):
    "What lessons use besides notebooks (pictures), as paths below nbs/."
    for path in sorted(nbs.iterdir()):
        if path.name == 'lib' or any(path.match(odd) for odd in NOT_FOR_LEARNERS):
            continue
        for file in sorted(path.rglob('*')) if path.is_dir() else [path]:
            parts = file.relative_to(nbs).parts
            if file.is_file() and not any(p.startswith('.') or p == '__pycache__' for p in parts):
                yield file.relative_to(nbs).as_posix()


def copy_side_files(nbs, folder):
    "Copy what lessons use besides notebooks into a folder that is nobody's."
    for name in side_files(nbs):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(nbs / name, folder / name)


def remembered(memory):
    "What was written the last time; when that is not known, nothing: then all counts as changed."
    try:
        return dict(json.loads(memory.read_text()))
    except (OSError, ValueError):
        return {}


def link_to_local_pages(nb):
    """The same notebook, its links to pages of docs/ leading into its own folder (JupyterLab opens
    nothing above it); and the names of those pages."""
    pages = set()
    for cell in nb.cells:
        if cell.cell_type == 'markdown':
            pages |= set(DOCS.findall(cell.source))
            cell.source = DOCS.sub(r'](docs/\1', cell.source)
    return nb, pages


def version(path, instructor=False):
    "One lesson, the learner's version or the instructor's."
    nb, quiz = nbformat.read(str(path), 4), path.with_name(f'{path.stem}.quiz.toml')
    if not instructor:
        return strip(nb)
    questions = (
        tomllib.loads(quiz.read_text(encoding='utf-8')).get('questions', [])
        if quiz.exists()
        else []
    )
    return with_answers(nb, questions)


def contents(nbs=NBS, instructor=False):
    "What is in a folder of copies: the notebooks, then what is beside them, as {name: bytes}."
    if not lessons(nbs):
        raise Complaint('There is no lesson in nbs/.')
    copies, pages = {}, set()
    for path in lessons(nbs):
        nb, linked = link_to_local_pages(version(path, instructor))
        pages |= linked
        copies[path.name] = text(nb).encode()
    copies |= {f'docs/{name}': page(name, nbs) for name in sorted(pages)}
    beside = {name: nbs / name for name in side_files(nbs)}
    if not instructor:
        beside['AGENTS.md'] = AGENTS
    return copies | {name: path.read_bytes() for name, path in beside.items()}


def lay(folder, files):
    "Bring a folder of copies up to date with `contents`; return what was written, one line each."
    folder.mkdir(parents=True, exist_ok=True)
    memory = folder / MADE
    made, told = remembered(memory), []
    for name, raw in files.items():
        line = place(folder, name, raw, made)
        told.append(line if name.endswith('.ipynb') or 'your work' in line else '')
        if name.endswith('.ipynb'):
            write({memory: json.dumps(made, indent=1, sort_keys=True)})
    write({memory: json.dumps(made, indent=1, sort_keys=True)})
    return [line for line in told if line]


def make(nbs=NBS, folder=LEARNER, instructor=False):
    "Bring a folder of copies up to date; return what was written, one line each."
    return lay(folder, contents(nbs, instructor))


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m course.learner',
        description="Write the learner's notebooks, or the instructor's.",
    )
    parser.add_argument(
        '--solutions',
        action='store_true',
        help="the instructor's, with solutions, outputs and the keys to the quizzes",
    )
    instructor = parser.parse_args(argv).solutions
    folder = SOLUTIONS if instructor else LEARNER
    told = make(folder=folder, instructor=instructor)
    for line in told:
        say(line)
    say(
        f'{short(folder)}/ has the notebooks to {"teach from" if instructor else "work in"}.'
        if told
        else f'{short(folder)}/ is up to date.'
    )


if __name__ == '__main__':
    run(main)
