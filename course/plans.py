"""The instructors' page: `python -m course.plans` writes docs/instructors.md, `--check` only says
what is out of step.

It is made from settings.ini (minutes), the lessons (headings, the exercises' minutes, the
computer's seconds), docs/numbers.md (what was measured) and course/plans.toml, which is written by
hand: the page's words, where rooms get stuck, and the plans. A plan whose sums, headings,
breaks or exercise minutes are wrong gives a complaint and no page.
"""

import argparse
import re
import string
import tomllib
from collections import Counter
from types import SimpleNamespace

import nbformat

from course.common import ROOT, Complaint, lessons, run, say, settings
from course.index import opening
from whole_game import files

FILE, KEPT, NUMBERS = 'docs/instructors.md', 'course/plans.toml', 'docs/numbers.md'
RESTS = {'break', 'lunch'}
KINDS = {
    'talk',
    'live coding',
    'learners run',
    'pairs',
    'exercises',
    'show',
    'feedback',
    'buffer',
} | RESTS
LONGEST = 90  # minutes that people sit before there is a break
FIRST = {1: 'cut first', 2: 'cut second', 3: 'cut third', 'never': '**never cut**', None: ''}


def syllabus(root=ROOT):
    """What a plan may speak of: {number: lesson}, each with its title, minutes, seconds, headings
    and exercises [(heading, minutes)]."""
    known, found = settings(root / 'settings.ini'), {}
    for path in lessons(root / 'nbs'):
        if path.stem not in known:
            continue
        prose = [
            cell.source
            for cell in nbformat.read(str(path), 4).cells
            if cell.cell_type == 'markdown'
            and not {'solution', 'instructor'} & set(cell.metadata.get('tags', []))
        ]
        headings = re.findall(r'^#{2,3} (.+?)\s*$', '\n\n'.join(prose), re.M)
        seconds = re.search(r'(\d+)\s*seconds', prose[0])
        if not seconds:
            raise Complaint(
                f'{path.name}: the first cell does not say how many seconds the computer needs.'
            )
        timed = [
            re.fullmatch(r'(.+) \((?:about )?(\d+) minutes\)', heading) for heading in headings
        ]
        found[path.name[:2]] = SimpleNamespace(
            stem=path.stem,
            title=opening(path)[0],
            minutes=known[path.stem]['minutes'],
            seconds=int(seconds[1]),
            headings=headings,
            exercises=[(m[1], int(m[2])) for m in timed if m],
        )
    return found


def kept(root=ROOT):
    "What is kept by hand."
    try:
        return tomllib.loads((root / KEPT).read_text(encoding='utf-8'))
    except tomllib.TOMLDecodeError as wrong:
        raise Complaint(f'{KEPT}: {wrong}') from None


# --- what must hold


def complaints(plans, stuck, known):
    "Everything in the plans that the lessons do not bear out, or that no room would bear."
    found = []

    def headings(where, number, parts):
        if number not in known:
            found.append(f'{where}: there is no lesson {number}.')
        else:
            found.extend(
                f'{where}: lesson {number} has no heading "{part}".'
                for part in parts
                if part not in known[number].headings
            )

    for entry in stuck:
        headings('where rooms get stuck', entry['lesson'], [entry['part']])
    for plan in plans:
        rows = [row for day in plan['days'] for row in day['rows']]
        for n, day in enumerate(plan['days'], 1):
            found += day_complaints(f'{plan["name"]}, day {n}', day)
        for row in rows:
            where = f'{plan["name"]}, "{row["do"]}"'
            if row['what'] not in KINDS:
                found.append(f'{where}: {row["what"]} is none of {", ".join(sorted(KINDS))}.')
            if 'lesson' in row:
                headings(where, row['lesson'], row.get('parts', []))
            elif row.get('parts') or row.get('exercises'):
                found.append(f'{where}: of which lesson?')
            if row['what'] == 'exercises' and not row.get('exercises'):
                found.append(f'{where}: which exercises?')
            found += exercise_complaints(where, row, known)
            if row['what'] in RESTS and 'late' in row:
                found.append(f'{where}: a break is never cut.')
        for number in plan['whole']:
            found += whole_complaints(plan['name'], number, rows, known)
    return found


def day_complaints(where, day):
    "The sum of a day, what is cut when late (first, second, third), and how long people sit."
    found, sitting, total = [], 0, sum(row['minutes'] for row in day['rows'])
    if total != day['minutes']:
        found.append(f'{where}: the rows add up to {total} minutes, not to {day["minutes"]}.')
    late = [row['late'] for row in day['rows'] if 'late' in row]
    if sorted(n for n in late if n != 'never') != [1, 2, 3] or 'never' not in late:
        found.append(
            f'{where}: it should say what to cut when late (1, 2 and 3), and what "never".'
        )
    for row in day['rows']:
        sitting = 0 if row['what'] in RESTS else sitting + row['minutes']
        if sitting > LONGEST:
            return [
                *found,
                (
                    f'{where}: {sitting} minutes without a break at "{row["do"]}"; {LONGEST} is the'
                    ' most.'
                ),
            ]
    return found


def exercise_complaints(where, row, known):
    "Whether the exercises of a row are there, and have the minutes that their headings promise."
    if row.get('lesson') not in known:
        return []
    there, asked = known[row['lesson']].exercises, row.get('exercises', [])
    if odd := [n for n in asked if not 1 <= n <= len(there)]:
        return [f'{where}: lesson {row["lesson"]} has no exercise {odd[0]}.']
    needed = sum(there[n - 1][1] for n in asked)
    return (
        [f'{where}: {row["minutes"]} minutes for exercises whose headings say {needed}.']
        if needed > row['minutes']
        else []
    )


def whole_complaints(name, number, rows, known):
    "A lesson taught whole has at least its minutes in settings.ini, and all its exercises."
    if number not in known:
        return [f'{name}: there is no lesson {number}.']
    mine = [row for row in rows if row.get('lesson') == number]
    spent = sum(row['minutes'] for row in mine)
    done = {n for row in mine for n in row.get('exercises', [])}
    found = (
        [f'{name}: lesson {number} has {spent} minutes; settings.ini says {known[number].minutes}.']
        if spent < known[number].minutes
        else []
    )
    missing = [str(n) for n in range(1, len(known[number].exercises) + 1) if n not in done]
    return found + (
        [f'{name}: lesson {number} is taught whole, without exercise {", ".join(missing)}.']
        if missing
        else []
    )


# --- the page


def clock(minutes):
    return f'{minutes // 60}:{minutes % 60:02}'


def table(head, rows, align=''):
    "A Markdown table; `align` has r for a column of numbers."
    marks = ['--:' if a == 'r' else '---' for a in align.ljust(len(head), 'l')]
    return '\n'.join(
        '| ' + ' | '.join(str(cell).replace('|', '\\|') for cell in row) + ' |'
        for row in [head, marks, *rows]
    )


def link(number, known):
    return f'[{number}](../nbs/{known[number].stem}.ipynb)'


def lesson_table(known):
    rows = [
        [
            f'{link(n, known)} {lesson.title}',
            lesson.minutes,
            sum(minutes for _, minutes in lesson.exercises),
            lesson.seconds,
        ]
        for n, lesson in known.items()
    ]
    return table(
        ['lesson', 'minutes alone', 'of these exercises', 'computer, seconds'], rows, 'lrrr'
    )


def stuck_table(stuck, known):
    return table(
        ['lesson and part', 'what you see', 'what to say'],
        [[f'{link(s["lesson"], known)} {s["part"]}', s['see'], s['say']] for s in stuck],
    )


def day_table(day, known):
    "One day, minute by minute."
    at, rows = 0, []
    for row in day['rows']:
        tasks = [known[row['lesson']].exercises[n - 1][0] for n in row.get('exercises', [])]
        if len(tasks) > 1:
            tasks = [f'Exercises {"; ".join(task.removeprefix("Exercise ") for task in tasks)}']
        named = row.get('parts', []) + tasks
        rows.append(
            [
                clock(at),
                row['minutes'],
                row['what'],
                f'{link(row["lesson"], known)} {"; ".join(named)}' if 'lesson' in row else '',
                row['do'],
                FIRST[row.get('late')],
            ]
        )
        at += row['minutes']
    return table(
        ['clock', 'min', 'what', 'lesson and part', 'how', 'when late'],
        [*rows, [clock(at), '', 'end', '', '', '']],
        'lr',
    )


def summary(plan, known):
    "What a plan's minutes add up to: by kind, by lesson, and what cutting saves."
    rows = [row for day in plan['days'] for row in day['rows']]
    kinds, mine = Counter(), Counter()
    for row in rows:
        kinds[row['what']] += row['minutes']
        if 'lesson' in row:
            mine[row['lesson']] += row['minutes']
    days = [day['minutes'] for day in plan['days']]
    total = f'{sum(days)} minutes' + (f' ({" + ".join(map(str, days))})' if len(days) > 1 else '')
    by_lesson = ', '.join(
        f'{n} gets {minutes} ({known[n].minutes}'
        f' alone{"" if n in plan["whole"] else "; a part of it"})'
        for n, minutes in sorted(mine.items())
    )
    saved = sum(row['minutes'] for row in rows if row.get('late', 'never') != 'never')
    return (
        f'**{total}**: {", ".join(f"{kind} {minutes}" for kind, minutes in kinds.most_common())}.'
        f' Lesson {by_lesson}. What may be cut saves {saved} minutes.'
    )


def plan_text(plan, known):
    "A plan as a part of the page."
    days = [
        (f'**Day {n}**\n\n' if len(plan['days']) > 1 else '') + day_table(day, known)
        for n, day in enumerate(plan['days'], 1)
    ]
    return '\n\n'.join([f'### {plan["name"]}', plan['what_for'], *days, summary(plan, known)])


def page(root=ROOT):
    "The whole page, when everything holds."
    words, known = kept(root), syllabus(root)
    if found := complaints(words['plan'], words['stuck'], known):
        raise Complaint('\n'.join(f'{KEPT}: {complaint}' for complaint in found))
    measured = dict(
        re.findall(
            r'^\| ([^|]+) \| ([^|]+) \|$', (root / NUMBERS).read_text(encoding='utf-8'), re.M
        )
    )
    facts = {
        'lessons': lesson_table(known),
        'stuck': stuck_table(words['stuck'], known),
        'plans': '\n\n'.join(plan_text(plan, known) for plan in words['plan']),
        'memory': measured.get('memory', '').removesuffix(' at most'),
        'seconds': measured.get('the whole lesson, from an empty kernel to the last cell'),
    }
    if missing := [name for name, fact in facts.items() if not fact]:
        raise Complaint(
            f'{NUMBERS} has no row any more for {", ".join(missing)}, which {FILE} repeats.'
        )
    try:
        text = string.Template(words['page'].strip()).substitute(facts)
    except (KeyError, ValueError) as wrong:
        raise Complaint(f'{KEPT}: nothing is known for {wrong}.') from None
    return (
        f'<!-- Made by `python -m course.plans` from {KEPT}, settings.ini and the lessons. Change'
        f' those. -->\n\n{text}\n'
    )


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m course.plans',
        description="Write the instructors' page, docs/instructors.md.",
    )
    parser.add_argument('--check', action='store_true', help='only say whether it is in step')
    text, path = page(), ROOT / FILE
    if parser.parse_args(argv).check:
        if not path.exists() or path.read_text(encoding='utf-8') != text:
            raise Complaint(
                f'{FILE} is'
                f' {"out of step with the lessons or " + KEPT if path.exists() else "missing"}.'
                ' Run: python -m course.plans'
            )
    else:
        files.write({path: text})
    say(f'{FILE} is in step.')


if __name__ == '__main__':
    run(main)
