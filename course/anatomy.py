"""The anatomy of a lesson: its opening, the size of its cells, its parts, its minutes, and what its
exercises promise. Each check takes a `Notebook` of course/check.py and returns its complaints.

Limits that a lesson misses for now are in course/debts.toml, with their numbers. That list may only
shrink.
"""

import ast
import html
import json
import re
import statistics
import tomllib
from pathlib import Path

from course.cells import LEFT_OUT, parsed, tags, text_of
from course.leaks import leaks

HEADINGS = ('exercises', 'quiz', 'recap', 'if you are stuck')
CRAFT = {
    'is there enough data?': r'enough\s+(data|pictures|examples|items)',
    'is it in the right form?': r'right\s+form',
    'is the model learning?': r'\blearning\?|(model|it)\s+(is\s+)?learning',
    'what to do when it is not?': r"(when|if)\s+it\s+(is\s+not|isn['’]t|does\s+not|doesn['’]t)",
}
CELL, PLOT, CLASS = 15, 20, 45  # lines of code that a cell may have
CELLS, MINUTES = 140, 90  # the most that a learner's copy may have, and that a lesson may take
STATION, PICKED = 25, 2  # minutes of a station of the part Fields, and how many somebody picks
WORDS_A_MINUTE, LINES_A_MINUTE = 150, 8  # read with care, with the pictures and outputs looked at
PLOTS = {'set_title', 'set_xlabel', 'imshow', 'subplots', 'plot', 'scatter', 'bar', 'barh', 'hist'}
DEBTS = Path(__file__).with_name('debts.toml')
WORDS = {
    'median': 'lines of the median code cell',
    'over_eight': 'code cells of more than eight lines (one in ten may)',
    'over_most': f'code cells that are too long ({CELL} lines, a plot {PLOT}, a class {CLASS})',
    'cells': "cells in the learner's copy",
    'minutes': 'minutes, counted',
    'station': 'minutes of the longest station',
}


def opening(book):
    """A title, a `>` line, and a line with the minutes and seconds it takes, in step with
    settings.ini."""
    first = book.nb.cells[0] if book.nb.cells else None
    if first is None or first.cell_type != 'markdown' or not first.source.startswith('# '):
        return [book.whole('the first cell does not begin with "# " and a title.')]
    found, said = [], re.search(r'(\d+)\s*minutes', first.source)
    if not re.search(r'^> \S', first.source, re.M):
        found.append(book.at(1, 'no line beginning with ">" says what the reader will have made.'))
    if not said:
        found.append(book.at(1, 'no line says how many minutes it takes.'))
    elif int(said[1]) != book.section['minutes']:
        found.append(
            book.at(1, f'says {said[1]} minutes; settings.ini says {book.section["minutes"]}.')
        )
    seconds = re.search(r'(\d+)\s*seconds', first.source)
    if not seconds:
        found.append(book.at(1, 'no line says how many seconds the computer needs.'))
    elif int(seconds[1]) > book.section['wall']:
        found.append(
            book.at(
                1, f'says {seconds[1]} seconds; settings.ini says wall = {book.section["wall"]}.'
            )
        )
    return found


def installs_nothing(book):
    "No cell installs the course: `make colab` puts the one for Colab into its copies."
    return [
        book.at(n, 'is for Colab. Take it out: `make colab` puts such a cell into its copies.')
        for n, cell in enumerate(book.nb.cells, 1)
        if 'colab' in tags(cell) or (cell.cell_type == 'code' and 'google.colab' in cell.source)
    ]


def code_lines(cell):
    "The lines of code in a cell, as `ruff format` lays them out: no blank ones, no comments."
    lines = [line.strip() for line in cell.source.splitlines()]
    return [line for line in lines if line and not line.startswith('#')]


def most_lines(cell):
    "How many lines of code a cell may have: a class is kept on one screen, a plot has its labels."
    tree = parsed(cell)
    if len(tree.body) == 1 and isinstance(tree.body[0], ast.ClassDef):
        return CLASS
    called = {
        getattr(node.func, 'attr', '') for node in ast.walk(tree) if isinstance(node, ast.Call)
    }
    return PLOT if called & PLOTS else CELL


def in_learners_copy(book):
    "The cells that a learner meets."
    return [cell for cell in book.nb.cells if not tags(cell) & LEFT_OUT]


def sizes(book):
    "What a lesson and its cells come to: {limit: (measured, the most that is allowed)}."
    counts = [len(code_lines(cell)) for _, cell in book.code]
    over = sum(count > most_lines(cell) for count, (_, cell) in zip(counts, book.code))
    return {
        'median': (statistics.median(counts) if counts else 0, 3),
        'over_eight': (sum(count > 8 for count in counts), len(counts) // 10),
        'over_most': (over, 0),
        'cells': (len(in_learners_copy(book)), CELLS),
        'minutes': (round(counted_minutes(book)[0]), MINUTES),
        'station': (round(max(map(spent, stations(book)[1]), default=0)), STATION),
    }


def debts():
    "The limits that lessons miss for now: {stem: {limit: what it measured}}, course/debts.toml."
    return tomllib.loads(DEBTS.read_text(encoding='utf-8'))


def sizes_hold(book):
    """A median of three lines, nine in ten of eight or fewer, none over 15 (a plot 20, a class 45);
    140 cells in the learner's copy and 90 minutes; 25 minutes for a station of the part Fields.
    A lesson in debts.toml measures what is written there, no more and no less."""
    owed, found = debts().get(book.path.stem, {}), []
    for limit, (measured, most) in sizes(book).items():
        allowed, there = owed.get(limit, most), f'{WORDS[limit]}: {measured:g}'
        if measured > allowed:
            which = long_cells(book) if limit == 'over_most' else ''
            found.append(book.whole(f'{there}; {allowed:g} is the most.{which}'))
        elif limit in owed and (measured < allowed or measured <= most):
            do = 'Delete that line' if measured <= most else 'Lower that number'
            found.append(
                book.whole(f'{there}, and course/debts.toml says {limit} = {allowed:g}. {do}.')
            )
    return found


def long_cells(book):
    "Which cells are too long, in words."
    sizes = [(n, len(code_lines(cell)), most_lines(cell)) for n, cell in book.code]
    return ''.join(f' Cell {n} has {size} lines.' for n, size, most in sizes if size > most)


def asks(cell):
    "Whether a code cell does nothing but ask for a prediction (and import what that takes)."
    lines = [line for line in parsed(cell).body if not isinstance(line, ast.ImportFrom)]
    return len(lines) == 1 and ast.unparse(lines[0]).startswith('predict(')


def prose_first(book):
    """Prose before every code cell, and more prose cells than code cells; a cell that asks for a
    prediction counts as prose."""
    found = [
        book.at(n, 'no prose stands before it.')
        for n, _ in book.code
        if n == 1
        or not (book.nb.cells[n - 2].cell_type == 'markdown' or asks(book.nb.cells[n - 2]))
    ]
    asked = sum(asks(cell) for _, cell in book.code)
    if len(book.prose) + asked <= len(book.code) - asked:
        found.append(
            book.whole(
                f'{len(book.prose)} cells of prose to {len(book.code)} of code; there have to be'
                ' more.'
            )
        )
    return found


def calls(book, name):
    "The calls of a function with a text as their first argument: [(cell, text)], in order."
    return [
        (n, node.args[0].value)
        for n, cell in book.code
        for node in ast.walk(parsed(cell))
        if isinstance(node, ast.Call)
        and getattr(node.func, 'id', '') == name
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]


def predictions_are_answered(book):
    "Each `predict('NN name', ...)` has a name of its own and one `reveal` in a later cell."
    asked, told = calls(book, 'predict'), calls(book, 'reveal')
    number, names = book.path.stem[:2], [name for _, name in asked]
    found = [
        book.at(n, f'the prediction {name!r} is asked for twice.')
        for i, (n, name) in enumerate(asked)
        if name in names[:i]
    ]
    found += [
        book.at(n, f'the prediction {name!r} does not begin with {number} and a space.')
        for n, name in asked
        if not name.startswith(f'{number} ')
    ]
    found += [
        book.at(n, f'no later cell has reveal({name!r}, ...).')
        for n, name in asked
        if not any(m > n and other == name for m, other in told)
    ]
    return found + [
        book.at(n, f'reveal({name!r}, ...) answers what nobody asked before.')
        for n, name in told
        if not any(m < n and other == name for m, other in asked)
    ]


def parts(book):
    """The parts every lesson has; one that trains a model (it has floors) also answers the four
    craft questions."""
    headings = [
        line.lstrip('#').strip().lower()
        for _, cell in book.prose
        for line in cell.source.splitlines()
        if re.match(r'#{2,4} ', line)
    ]
    wanted = HEADINGS if not book.path.stem.startswith('00') else ('if you are stuck',)
    found = [
        book.whole(f'has no part called "{want}".')
        for want in wanted
        if not any(want in heading for heading in headings)
    ]
    if book.floors:
        everything = '\n'.join(cell.source for _, cell in book.prose).lower()
        found += [
            book.whole(f'does not answer "{question}"')
            for question, pattern in CRAFT.items()
            if not re.search(pattern, everything)
        ]
    return found


def stations(book):
    """The cells of a learner's copy: those for everybody, and those of each station, which begins
    with "## Station" and ends where the next part begins."""
    everybody, picked, now = [], [], None
    for cell in in_learners_copy(book):
        if cell.cell_type == 'markdown' and (
            begins := re.search(r'^## (Station)?', cell.source, re.M)
        ):
            now = [] if begins[1] else None
            picked += [now] if begins[1] else []
        (everybody if now is None else now).append(cell)
    return everybody, picked


def measures(cells):
    "What takes a person's time: (words, lines of code, predictions, minutes of exercises)."
    prose = [cell.source for cell in cells if cell.cell_type == 'markdown']
    code = [cell for cell in cells if cell.cell_type == 'code']
    read = [cell for cell in code if not re.search(r'^record\(', cell.source, re.M)]
    lines = sum(len(code_lines(cell)) for cell in read)
    words = sum(len(re.findall(r"[\w'’-]+", source)) for source in prose)
    predictions = sum(bool(re.search('before you run this', source, re.I)) for source in prose)
    exercises = sum(
        int(m)
        for source in prose
        for m in re.findall(r'^#{2,4} .*\((?:about )?(\d+) minutes\)', source, re.M)
    )
    return words, lines, predictions, exercises


def spent(cells):
    "Minutes for a person."
    words, lines, predictions, exercises = measures(cells)
    return words / WORDS_A_MINUTE + lines / LINES_A_MINUTE + 2 * predictions + exercises


def counted_minutes(book):
    """Minutes for a person: words, lines of code, two for a prediction, the exercises' own. Nobody
    reads the cell that records what a lesson reached. Where there are stations, people pick two:
    the longest two are counted."""
    everybody, picked = stations(book)
    for station in sorted(picked, key=spent)[-PICKED:]:
        everybody += station
    words, lines, predictions, exercises = measures(everybody)
    return (
        spent(everybody),
        f'{words} words, {lines} lines of code, {predictions} predictions, {exercises} minutes of'
        f' exercises{f", {PICKED} stations of {len(picked)}" if picked else ""}',
    )


def minutes(book):
    counted, how = counted_minutes(book)
    said = book.section['minutes']
    if abs(counted - said) <= max(5, said / 4):
        return []
    return [book.whole(f'settings.ini says {said} minutes; counted {counted:.0f} ({how}).')]


def exercises_keep_to_themselves(book):
    "The learner's copy holds no line of a solution, and uses nothing that only a solution makes."
    return [book.whole(f"the learner's copy {leak}.") for leak in leaks(book.nb)]


def solutions_pass(book):
    "Each exercise's check, which runs after the solution here, says that it is right."
    return [
        book.at(n, 'the check does not pass, with the solution right above it.')
        for n, cell in book.code
        if re.search(r"^check\('", cell.source, re.M)
        and any('✗' in text_of(out) for out in cell.outputs)
    ]


def quiz_is_shown(book):
    "What the quiz's cell shows in the committed notebook is what its file asks today."
    path = book.path.with_name(f'{book.path.stem}.quiz.toml')
    asked = tomllib.loads(path.read_text(encoding='utf-8')) if path.exists() else {}
    shown = {n: repr(cell.outputs) for n, cell in book.code if 'quiz(' in cell.source}
    said = html.unescape(' '.join(shown.values())).replace('\\', '')
    words = [
        word
        for q in asked.get('questions', [])
        for word in (q['question'], *(a[k] for a in q['answers'] for k in ('answer', 'why')))
    ]
    return [
        book.at(max(shown, default=1), f'shows a quiz without "{word[:50]}": run the lesson again.')
        for word in words
        if json.dumps(word)[1:-1].replace('\\', '') not in said
    ]


LESSON_CHECKS = (
    opening,
    installs_nothing,
    sizes_hold,
    prose_first,
    predictions_are_answered,
    parts,
    minutes,
    exercises_keep_to_themselves,
    solutions_pass,
    quiz_is_shown,
)
