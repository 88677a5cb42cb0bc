"""`make rename N=27 to=31_going_deep`: give a lesson another number or name, everywhere.

Moves every file that is called after it, and changes every mention: its stem in links, settings and
plans, `lesson_NN` and `test_NN_...` in names, "lesson 27" and "lessons 24 to 27" in prose,
`'27 judge'` in names of exercises, and "(27)" in the glossary and in docs/numbers.md. Then the
library is brought into step. The changelog stays as it is: it tells what was.
Where a number stands alone, only a person can tell whether it is a lesson: those lines are listed.
"""

import argparse
import re
import subprocess

import nbformat

from course import index, plans, sync
from course.common import ROOT, Complaint, run, say
from whole_game import files

TEXTS = {'.ipynb', '.py', '.toml', '.ini', '.md', '.yml', '.json', '.txt', '.html', '.tpl', ''}
# a record of what was, and this tool's own examples
HISTORY = {'CHANGELOG.md', 'course/rename.py', 'tests/course/test_rename.py'}
IN_BRACKETS = {'docs/glossary.md', 'docs/numbers.md'}  # "(27)" is a lesson there
LIST = r'[Ll]essons?\s+\d\d(?:(?:,\s+|,?\s+(?:and|to|or)\s+|-)\d\d)*\b'


def tracked(root=ROOT):
    "Every file of the project, as git knows it."
    done = subprocess.run(
        ['git', 'ls-files', '-z'], cwd=root, capture_output=True, text=True, check=True
    )
    return [root / name for name in done.stdout.split('\0') if name and (root / name).is_file()]


def is_generated(path, root=ROOT):
    "Whether a command writes the file anew, so that nothing in it is changed by hand."
    name = path.relative_to(root).as_posix()
    return name == plans.FILE or (
        name.startswith('whole_game/') and name.endswith(('.py', 'lessons.json', 'glossary.json'))
    )


def renamed(text, old, new, brackets=False):
    "A text in which the lesson `old` is called `new` (two stems, such as 27_going_deep)."
    before, after = old[:2], new[:2]
    text = re.sub(rf'\b{re.escape(old)}\b', new, text)
    text = re.sub(rf'\b(lesson_|exercises_|test_){before}(?=\b|_)', rf'\g<1>{after}', text)
    text = re.sub(rf'(?<=[\'"]){before}(?= \w+[\'"])', after, text)  # '27 judge'
    text = re.sub(rf'(\b(?:lesson|quiz)(?:\(| = )[\'"]){before}(?=[\'"])', rf'\g<1>{after}', text)
    text = re.sub(rf'(?<=\[){before}(?=\]\([^)]*{re.escape(new)})', after, text)  # [27](27_...)
    text = re.sub(rf'(?<=\[){before}(?= [^\]]*\]\([^)]*{re.escape(new)})', after, text)
    text = re.sub(LIST, lambda m: re.sub(rf'\b{before}\b', after, m[0]), text)
    if brackets:
        text = re.sub(r'\(\d\d(?:, \d\d)*\)', lambda m: re.sub(rf'\b{before}\b', after, m[0]), text)
    return text


def in_notebook(path, old, new):
    "The notebook's text with every source and alternative text renamed; outputs as they are."
    nb = nbformat.read(str(path), 4)
    for cell in nb.cells:
        cell.source = renamed(cell.source, old, new)
        if 'alt' in cell.metadata:
            cell.metadata['alt'] = renamed(cell.metadata['alt'], old, new)
    return nbformat.writes(nb, version=4).rstrip('\n') + '\n'


def rename(old, new, root=ROOT):
    "Change files and mentions; gives the lines that a person has to look at."
    brackets = {root / name for name in IN_BRACKETS}
    left = []
    for path in tracked(root):
        name = path.relative_to(root).as_posix()
        if path.suffix not in TEXTS or name in HISTORY or is_generated(path, root):
            continue
        before = path.read_text(encoding='utf-8')
        text = (
            in_notebook(path, old, new)
            if path.suffix == '.ipynb'
            else renamed(before, old, new, path in brackets)
        )
        if text != before:
            files.write({path: text})
        if path.suffix in {'.md', '.toml'} or path.parent.name == 'lessons':
            left += [
                f'{name}:{n}: {line.strip()[:90]}'
                for n, line in enumerate(text.splitlines(), 1)
                if re.search(rf'(?<![\d.=]){old[:2]}(?![\d.%=])', line)
            ]
    for path in tracked(root):
        stem = path.name.split('.')[0]
        called = {old: new, f'lesson_{old[:2]}': f'lesson_{new[:2]}'}.get(stem)
        if called:
            path.rename(path.with_name(path.name.replace(stem, called, 1)))
    return left


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='make rename', description='Give a lesson another number or name, everywhere.'
    )
    parser.add_argument('old', help='the number it has, such as 27')
    parser.add_argument('new', help='number and name it will have, such as 31_going_deep')
    args = parser.parse_args(argv)
    known = [path.stem for path in sorted((ROOT / 'nbs').glob('[0-9][0-9]_*.ipynb'))]
    old = next((stem for stem in known if stem[:2] == args.old), None)
    if old is None:
        raise Complaint(f'There is no lesson {args.old}. There are: {", ".join(known)}.')
    if not re.fullmatch(r'\d\d_[a-z0-9_]+', args.new):
        raise Complaint(f'{args.new!r} is no name for a lesson. Write it like 31_going_deep.')
    taken = [stem for stem in known if stem[:2] == args.new[:2] and stem != old]
    if taken:
        raise Complaint(f'The number {args.new[:2]} belongs to {taken[0]}. Move that one first.')
    left = rename(old, args.new)
    sync.export(ROOT)
    index.write(ROOT)
    say(f'{old} is {args.new} now. Run the lesson again: make lessons N={args.new[:2]}')
    if left:
        say(f'Is one of these the lesson {old[:2]}? Only you can tell:')
        for line in left:
            say('  ' + line)


if __name__ == '__main__':
    run(main)
