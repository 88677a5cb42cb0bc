"""`make new-lesson N=10 name=what_is_in_a_scan`: begin a lesson with everything a lesson has.

Makes nbs/NN_name.ipynb, its quiz, its section of settings.ini, nbs/lib/exercises/lesson_NN.ipynb
and tests/lessons/wrong_tries/lesson_NN.py, brings the library into step and runs both notebooks.
What was made passes every check but one: wherever it says "(to be written)" it has no content yet,
and `make check` says so until it has.
"""

import argparse
import re

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course import index, sync
from course.check import TO_WRITE
from course.common import ROOT, Complaint, run, say, short
from course.execute import execute, note_reference
from course.normalise import normalise, write
from whole_game import files

PARTS = {
    range(0, 10): 'Play',
    range(10, 20): 'Fields',
    range(20, 50): 'Open up',
    range(50, 60): 'Yours',
}
MINUTES, SECONDS = 50, 20

SETTINGS = f"""
[{{stem}}]
part = {{part}}
minutes = {MINUTES}
seconds = {SECONDS}
wall = {SECONDS}
memory_mb = 1500
"""

# Cells are parted by lines of `%%`; `%% code` begins a code cell, `solution` tags a cell.
LESSON = f"""# {{title}}

> You will have {TO_WRITE}.

About {MINUTES} minutes for you, about {SECONDS} seconds for a two-core laptop. Before this:
[Train a classifier](01_train_a_classifier.ipynb).
%%
## The result first

{TO_WRITE} What will they have made at the end? Show it before anything is explained.

**Before you run this:** which number will come out? {TO_WRITE} Ask for a guess wherever an output
surprises.
%% code
3 + 4
%%
That is seven. {TO_WRITE} Say what is to be seen in every output, and go on in small cells, with
prose before each.
%%
## The four questions

**Is there enough data?** {TO_WRITE}

**Is it in the right form?** {TO_WRITE}

**Is the model learning?** {TO_WRITE}

**What to do if it is not?** {TO_WRITE}
%%
## Exercises

### Exercise 1: a product (20 minutes)

{TO_WRITE} To warm up: how much is three times four? Replace the three dots.
%% code
product = ...
%% solution
One solution:
%% code solution
product = 3 * 4
%%
The check says at once whether it is right:
%% code
from whole_game.check import check

check('{{number}} product', product)
%%
### Exercise 2: a question of your own (25 minutes)

{TO_WRITE} This one is open and has no check.
%%
## Quiz

Click an answer and read what it says. The wrong answers have something to teach, too. (For a
version to read, run `quiz('{{number}}', as_text=True)`.)
%% code
from whole_game.quiz import quiz

quiz('{{number}}')
%%
Then write your letters between the quotes, in the order of the questions. The cell says how many
are right, and notes it in your progress, which stays on this computer.
%% code
quiz('{{number}}', answers='')
%%
## Recap

In this hour you have

- {TO_WRITE}

## If you are stuck

- *`NameError`.* A cell above has not been run. Choose "Run All Above Selected Cell" in the *Run*
  menu.
- {TO_WRITE}

## Make it yours

{TO_WRITE}

## Where to read more

- {TO_WRITE}
"""

EXERCISES = f"""# The exercises of lesson {{number}}

> How `check` answers in the notebook {{stem}}.
%% code
#| default_exp exercises.lesson_{{number}}
%%
A check returns nothing when the answer is right, else a hint, or a pair of hints: the second is for
the second failure.
%% code
#| export
from whole_game.check import check, exercise
%%
**A product.** {TO_WRITE} Which mistakes will people make? Each gets a hint of its own that does not
give the answer away.
%% code
#| export
@exercise('{{number}} product')
def _product(answer):
    if answer == 7:
        return 'That is what you get by adding.', 'The sign between the numbers is a star.'
    if isinstance(answer, str):
        return 'That is text, because it stands in quotes. Leave the quotes out.'
    if answer != 12:
        return (
            'Not that many. Think of three rows with four in each.',
            'Count the rows: four, and four, and four.',
        )
%%
The right answer, and a common mistake:
%% code
check('{{number}} product', 12)
check('{{number}} product', 7)
"""

QUIZ = """# The quiz of lesson {number}. Each answer says why; exactly one is right.
# `make lib` puts it into the package.
"""
WRONG_TRIES = f'''"Wrong tries at the exercises of lesson {{number}}. {TO_WRITE}"

SETUP = ''
TRIES = {{{{'{{number}} product': lambda: [(7, 'adding'), ('12', 'text'), (9, 'rows')]}}}}
'''


def notebook(text):
    "The notebook that a text with `%%` lines describes."
    made = []
    for n, part in enumerate(re.split(r'^%%', '%% \n' + text, flags=re.M)[1:]):
        head, _, source = part.partition('\n')
        cell = (new_code_cell if 'code' in head.split() else new_markdown_cell)(
            source.strip(), id=f'cell-{n:02}'
        )
        if 'solution' in head.split():
            cell.metadata.tags = ['solution']
        made.append(cell)
    return new_notebook(cells=made)


def quiz(number):
    "Five questions with three answers each, the right one in another place each time."
    lines = [QUIZ.format(number=number)]
    for i in range(5):
        lines += ['[[questions]]', f'question = "{TO_WRITE} Question {i + 1}?"', 'answers = [']
        for j in range(3):
            right = 'right = true, ' if j == (i + 1) % 3 else ''
            lines.append(
                f'  {{answer = "{TO_WRITE} Answer {j + 1}", {right}why = "{TO_WRITE} Answer {j + 1}'
                f' of question {i + 1} explains itself."}},'
            )
        lines += [']', '']
    return '\n'.join(lines)


def plan(number, name, root=ROOT):
    """The new files, {path: text or notebook}, and the section for settings.ini; a Complaint when
    the lesson cannot be begun."""
    if not re.fullmatch(r'\d\d', number):
        raise Complaint(f'N={number}: a lesson has a number of two digits, such as N=10.')
    if not re.fullmatch(r'[a-z][a-z0-9]*(_[a-z0-9]+)*', name):
        raise Complaint(
            f'name={name}: say the question or the promise in small letters, such as'
            ' name=what_is_in_a_scan.'
        )
    part = next((part for numbers, part in PARTS.items() if int(number) in numbers), None)
    if not part:
        raise Complaint(
            f'N={number}: no part of the course has this number. They go from 00 to 59.'
        )
    if there := sorted((root / 'nbs').glob(f'{number}_*.ipynb')):
        raise Complaint(f'There is a lesson {number} already: {there[0].name}.')
    words = {
        'number': number,
        'stem': f'{number}_{name}',
        'part': part,
        'title': name.replace('_', ' ').capitalize(),
    }
    files = {
        root / 'nbs' / f'{words["stem"]}.ipynb': notebook(LESSON.format(**words)),
        root / 'nbs' / 'lib' / 'exercises' / f'lesson_{number}.ipynb': notebook(
            EXERCISES.format(**words)
        ),
        root / 'nbs' / f'{words["stem"]}.quiz.toml': quiz(number),
        root / 'tests' / 'lessons' / 'wrong_tries' / f'lesson_{number}.py': WRONG_TRIES.format(
            **words
        ),
    }
    if there := [path for path in files if path.exists()]:
        raise Complaint(f'{short(there[0])} is there already.')
    return files, SETTINGS.format(**words)


def make(number, name, root=ROOT):
    "Write the files, bring the library into step, run the two notebooks; returns the paths."
    begun, section = plan(number, name, root)
    settings = root / 'settings.ini'
    contents = {settings: settings.read_text(encoding='utf-8').rstrip('\n') + '\n' + section}
    for path, content in begun.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        book = path.suffix == '.ipynb'
        contents[path] = nbformat.writes(normalise(content)) + '\n' if book else content
    files.write(contents)  # all of them or none: half a lesson would be in the way of the next try
    sync.export(root)
    index.write(root)
    books = [path for path in begun if path.suffix == '.ipynb']
    for path in books:
        ran = execute(path)
        if ran.error:
            raise Complaint(ran.error)
        write(ran.nb, path)
    note_reference([path.stem for path in books], root / 'nbs')
    return [*begun, settings]


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='make new-lesson',
        usage='%(prog)s N=10 name=what_is_in_a_scan',
        description='Begin a lesson.',
    )
    parser.add_argument('number', help='two digits')
    parser.add_argument('name', help='the question or the promise, in small letters')
    args = parser.parse_args(argv)
    for path in make(args.number, args.name):
        say(f'  {short(path)}')
    say(
        f'Write it: every "{TO_WRITE}" wants your words, and CONTRIBUTING.md says what a lesson'
        f' has. Then: make lessons N={args.number}, make check N={args.number}'
    )


if __name__ == '__main__':
    run(main)
