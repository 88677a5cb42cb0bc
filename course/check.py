"""What can be said about the notebooks without running them: `python -m course.check [NAME ...]`.

Each check is a function of one notebook that returns its complaints, each naming the cell. `CHECKS`
hold for every notebook, `LESSON_CHECKS` for lessons (the anatomy in CONTRIBUTING.md) and not for
nbs/lib. When no notebook is named, all lessons together are asked whether each term of the glossary
is explained where it first appears (course/words.py), and ruff looks at every file.
"""

import argparse
import ast
import base64
import io
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbformat
from PIL import Image, ImageStat

from course import phrases, words
from course.anatomy import LESSON_CHECKS, WORDS, debts
from course.cells import alt_text, is_exempt, parsed, pictures, shows_picture, tags, text_of
from course.common import NBS, ROOT, Complaint, notebooks, run, say, settings, short
from course.normalise import is_normal, too_big

FORBIDDEN = {'nbval-skip', 'skip-execution', 'nbval-check-output'}
# Folders that only one machine has; `/` must not follow a word, so that "and/or" and web addresses
# pass.
MACHINE_PATH = re.compile(
    r"""
    (?<![\w.…/:-])
    /(?:home|root|tmp|work|Users|opt|usr|var|private|mnt|media|srv|builds?)/[^\s'"<>)]+
    | \b[A-Z]:\\\\?\w[^\s'"<>)]*
    """,
    re.X,
)
DRAWS = set(
    'show_batch show_results show_image show_images plot_confusion_matrix plot_top_losses plot_loss'
    ' plot imshow scatter barh hist boxplot contourf matshow subplots'.split()
)
# What `make new-lesson` leaves wherever its author has something to say.
TO_WRITE = '(to be written)'
# What else may answer for a number: every lesson's section has these.
BUDGETS = {'seconds', 'memory_mb'}
BLANK = 1.0  # a picture whose pixels spread less than this (of 255) around their mean shows nothing


class Notebook:
    """One notebook with what the checks ask of it: `path`, `nb`, and its section of settings.ini
    (None in nbs/lib)."""

    def __init__(self, path, section=None):
        self.path, self.nb, self.section = path, nbformat.read(str(path), 4), section
        self.cells = list(enumerate(self.nb.cells, 1))
        self.code = [(n, cell) for n, cell in self.cells if cell.cell_type == 'code']
        self.prose = [(n, cell) for n, cell in self.cells if cell.cell_type == 'markdown']
        self.floors = section['floors'] if section else {}

    def at(self, n, words):
        first = next(
            (line for line in self.nb.cells[n - 1].source.splitlines() if line.strip()), '(empty)'
        )
        return f'{short(self.path)}, cell {n} `{first[:50]}`: {words}'

    def whole(self, words):
        return f'{short(self.path)}: {words}'


def calls(node):
    "The names of the functions that run when the code does: not those inside a definition."
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(child, ast.Call):
            yield getattr(child.func, 'attr', getattr(child.func, 'id', '')), child
        yield from calls(child)


# --- every notebook


def normal_form(book):
    return (
        []
        if is_normal(book.path)
        else [book.whole(f'not in normal form. Run: make lessons N={book.path.stem}')]
    )


def executed(book):
    "Every code cell ran, in order, without an error or a warning."
    found = []
    if book.code and all(cell.execution_count is None for _, cell in book.code):
        return [book.whole(f'never run. Run: make lessons N={book.path.stem}')]
    for n, cell in book.code:
        if not cell.source.strip():
            found.append(book.at(n, 'an empty code cell.'))
            continue
        if cell.execution_count is None:
            found.append(book.at(n, f'was not run. Run: make lessons N={book.path.stem}'))
        if FORBIDDEN & tags(cell):
            found.append(
                book.at(n, f'tagged {", ".join(FORBIDDEN & tags(cell))}: every cell runs here.')
            )
        for out in cell.outputs:
            if out.output_type == 'error' and 'raises-exception' not in tags(cell):
                found.append(book.at(n, f'ended in an error, {out.ename}: {out.evalue[:100]}'))
            if out.output_type == 'stream' and out.name == 'stderr':
                found.append(book.at(n, f'wrote to stderr: {out.text.strip()[:100]}'))
    return found


def no_machine_paths(book):
    return [
        book.at(n, f'its output names a folder of one machine: {hit[0][:80]}')
        for n, cell in book.code
        for out in cell.outputs
        for hit in [MACHINE_PATH.search(text_of(out))]
        if hit
    ]


def size(book):
    complaint = too_big(book.nb, short(book.path))
    return [complaint] if complaint else []


def pictures_show(book):
    "Every picture decodes and is not blank, and a cell that draws has one."
    found = []
    for n, cell in book.code:
        drawn = pictures(cell)
        for encoded in drawn:
            try:
                spread = max(
                    ImageStat.Stat(
                        Image.open(io.BytesIO(base64.b64decode(encoded))).convert('RGB')
                    ).stddev
                )
            except Exception as wrong:
                found.append(
                    book.at(n, f'its picture cannot be read ({wrong.__class__.__name__}).')
                )
                continue
            if spread < BLANK:
                found.append(book.at(n, 'its picture is blank.'))
        ran = {name for name, _ in calls(parsed(cell))}
        if (
            not drawn
            and ran & DRAWS
            and not ran & {'close', 'savefig'}
            and cell.execution_count is not None
        ):
            found.append(
                book.at(n, f'calls {", ".join(sorted(ran & DRAWS))} and shows no picture.')
            )
    return found


def pictures_have_words(book):
    "Every picture of a lesson has alternative text, in the cell's metadata, for who cannot see it."
    if 'lib' in book.path.parts:
        return []
    return [
        book.at(n, 'shows a picture without alternative text: give the cell the metadata "alt".')
        for n, cell in book.code
        if shows_picture(cell) and not alt_text(cell).strip()
    ] + [
        book.at(n, 'is the cover and does not show it: write ![words](attachment:cover.jpg) there.')
        for n, cell in book.prose
        if 'cover' in tags(cell) and not re.match(r'!\[.+\]\(attachment:cover\.jpg\)', cell.source)
    ]


def exempt_cells(book):
    """At most a quarter of the cells with output go uncompared, and a floor answers for every
    number in those."""
    shown = [(n, cell) for n, cell in book.code if cell.outputs]
    exempt = [(n, cell) for n, cell in shown if is_exempt(cell)]
    found = []
    if len(exempt) * 4 > len(shown):
        found.append(
            book.whole(
                f'{len(exempt)} of {len(shown)} cells with output are not compared; a quarter is'
                ' the most.'
            )
        )
    for n, cell in exempt:
        floors, budgets = (
            {tag[len(kind) :] for tag in tags(cell) if tag.startswith(kind)}
            for kind in ('floor-', 'budget-')
        )
        if unknown := (floors - set(book.floors)) | (budgets - BUDGETS):
            found.append(
                book.at(
                    n,
                    'tagged with a floor or budget that settings.ini does not have:'
                    f' {", ".join(sorted(unknown))}.',
                )
            )
        if not floors | budgets and any(re.search(r'\d', plain(out)) for out in cell.outputs):
            found.append(
                book.at(
                    n,
                    'is not compared and shows numbers: tag it floor-NAME (or budget-seconds,'
                    ' budget-memory_mb) with what in settings.ini covers them.',
                )
            )
    recorded = {
        word.arg
        for _, cell in book.code
        for name, call in calls(parsed(cell))
        if name == 'record'
        for word in call.keywords
    }
    if missing := set(book.floors) - recorded:
        found.append(
            book.whole(
                f'no cell calls record({", ".join(sorted(missing))}=...), so its floor is never'
                ' checked.'
            )
        )
    return found


def has_content(book):
    "Nothing is left to be written: not in a cell, the lesson's quiz or its wrong tries."
    found = [
        book.at(n, f'has no content yet: it still says "{TO_WRITE}".')
        for n, cell in book.cells
        if TO_WRITE in cell.source
    ]
    beside = (
        book.path.with_name(f'{book.path.stem}.quiz.toml'),
        book.path.parents[1] / 'tests/lessons/wrong_tries' / f'lesson_{book.path.stem[:2]}.py',
    )
    return found + [
        f'{short(path)}: has no content yet: it still says "{TO_WRITE}".'
        for path in beside
        if path.exists() and TO_WRITE in path.read_text(encoding='utf-8')
    ]


def plain(out):
    """An output's text without what is never a result: the words in angle brackets, such as <Figure
    size 640x480 with 1 Axes>."""
    return re.sub(r'<[^>]*>', '', text_of(out))


CHECKS = (
    normal_form,
    executed,
    no_machine_paths,
    size,
    pictures_show,
    pictures_have_words,
    exempt_cells,
    has_content,
)


def complaints(path, section=None):
    "All complaints about one notebook; a lesson is one that has a section in settings.ini."
    book = Notebook(path, section)
    return [
        complaint
        for check in CHECKS + (LESSON_CHECKS if section else ())
        for complaint in check(book)
    ]


def twins(paths):
    "A sentence for each name that two notebooks share: the tools know a notebook by its name."
    shared = [stem for stem, times in Counter(path.stem for path in paths).items() if times > 1]
    where = lambda stem: ' and '.join(short(path) for path in paths if path.stem == stem)
    return [f'{where(stem)} have one name. Rename one of them.' for stem in shared]


def layout(root=ROOT):
    "What ruff says about all Python files and notebooks: mistakes, and what is not in its layout."
    found = []
    for what, do in (
        (('check', '--output-format=concise'), 'Correct what it names.'),
        (('format', '--check', '--output-format=concise'), 'Run: .venv/bin/ruff format'),
    ):
        done = subprocess.run(
            [sys.executable, '-m', 'ruff', *what, '--quiet', '--no-cache', '.'],
            cwd=root,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            said = (done.stdout + done.stderr).strip()
            found.append(f'ruff {what[0]} complains. {do}\n{said}')
    return found


def say_debts(known):
    "List the limits that lessons miss for now, with what is measured."
    owed = debts()
    if odd := set(owed) - set(known):
        raise Complaint(f'course/debts.toml: there is no lesson {", ".join(sorted(odd))}.')
    if odd := {limit for limits in owed.values() for limit in limits} - set(WORDS):
        raise Complaint(f'course/debts.toml: there is no limit {", ".join(sorted(odd))}.')
    say(f'Debts, in lines of code (course/debts.toml): {len(owed)} lessons.')
    for stem, limits in owed.items():
        say(f'  {stem}: ' + ', '.join(f'{limit} {value:g}' for limit, value in limits.items()))


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m course.check', description='Check the notebooks without running them.'
    )
    parser.add_argument(
        'names',
        nargs='*',
        default=[''],
        help='only these notebooks: files, or what their names begin with',
    )
    names, known = parser.parse_args(argv).names, settings()
    stems = [Path(name).stem if name.endswith('.ipynb') else name for name in names]
    paths = list(dict.fromkeys(path for stem in stems for path in notebooks(stem)))
    if not paths:
        raise Complaint('There is no notebook in nbs/.')
    found = twins(notebooks())
    for path in paths:
        is_lesson = path.parent == NBS
        if is_lesson and path.stem not in known:
            found.append(f'{short(path)}: has no section in settings.ini.')
        else:
            found += complaints(path, known[path.stem] if is_lesson else None)
    if names == ['']:
        found += words.complaints()  # that takes all the lessons, in their order
        found += phrases.complaints()
        found += layout()
    for complaint in found:
        say(complaint)
    if found:
        raise Complaint(
            f'{len(found)} {"complaint" if len(found) == 1 else "complaints"};'
            f' {len(paths)} notebooks were looked at.'
        )
    if names == ['']:
        say_debts(known)
    say(
        f'No complaints about {len(paths)} notebooks ({len(CHECKS)} checks each,'
        f' {len(LESSON_CHECKS)} more for a lesson).'
    )


if __name__ == '__main__':
    run(main)
