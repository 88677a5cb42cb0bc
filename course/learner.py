"""`make learner`: the notebooks people work in, learner/NN_*.ipynb, made from nbs/ without solutions and outputs.
`make solutions`: the instructor's, solutions/NN_*.ipynb, with everything: outputs, solutions, notes and the key to the quiz.

A copy somebody changed is never overwritten: when the lesson has a newer version, it is laid beside the copy as
NN_name.new.ipynb. .made.json in each folder remembers what was written, so that an untouched copy can be told from a changed one.
"""
import argparse, ast, hashlib, json, re, shutil, tomllib

import nbformat

from course.common import NBS, ROOT, Complaint, lessons, run, say, short
from course.normalise import normalise, text

LEARNER, SOLUTIONS, MADE = ROOT/'learner', ROOT/'solutions', '.made.json'
LEFT_OUT = {'solution', 'instructor'}
DOCS = re.compile(r'\]\(\.\./docs/([\w-]+\.md)')  # a link to a page of docs/
NOT_FOR_LEARNERS = ('*.ipynb', '*.quiz.toml', 'reference.json', 'models', '.*', '__pycache__')  # models: what a run of a lesson saved


def tags(cell): return set(cell.metadata.get('tags', []))


def strip(nb):
    "The learner's version of a lesson: no solutions, no instructor's notes, no outputs."
    nb = normalise(nb)
    nb.cells = [cell for cell in nb.cells if not LEFT_OUT & tags(cell)]
    for cell in nb.cells:
        if cell.cell_type == 'code': cell.update(outputs=[], execution_count=None)
    return nb


def keyed(nb, quiz):
    "The instructor's version: as it ran, solutions and notes marked as such, and the quiz's key (`quiz` is its questions) at the end."
    nb = normalise(nb)
    for cell in nb.cells:
        own = LEFT_OUT & tags(cell)
        if own and cell.cell_type == 'markdown': cell.source = f'**[{"solution" if "solution" in own else "for you"}]** {cell.source}'
    lines = []
    for i, q in enumerate(quiz, 1):
        right = next(i for i, a in enumerate(q['answers']) if a.get('right'))
        lines.append(f'{i}. {q["question"]} **{"abcdefgh"[right]}) {q["answers"][right]["answer"]}**. {q["answers"][right]["why"]}')
    if lines: nb.cells.append(nbformat.v4.new_markdown_cell('## Key to the quiz\n\n' + '\n'.join(lines), id='quiz-key'))
    return nb


def exercises(nb):
    "The exercises of a lesson that have a solution: for each the places of its stub, of the solution's first cell, and of its `check('NAME', answer)`, or None."
    code = [i for i, cell in enumerate(nb.cells) if cell.cell_type == 'code']
    for stub, i in zip(code, code[1:]):
        if 'solution' not in tags(nb.cells[i]) or LEFT_OUT & tags(nb.cells[stub]): continue
        after = next((k for k in code if k > i and not LEFT_OUT & tags(nb.cells[k])), None)
        yield stub, i, after if after and re.search(r"^check\('", nb.cells[after].source, re.M) else None


def leaks(nb):
    "Lines of a solution that the learner's version holds where nothing taught them, and names that it uses and only a solution makes."
    begin = next((i for i, cell in enumerate(nb.cells) if cell.cell_type == 'markdown' and re.search(r'^## Exercises', cell.source, re.M)), len(nb.cells))
    taught = {line.strip() for cell in nb.cells[:begin] if cell.cell_type == 'code' and not LEFT_OUT & tags(cell) for line in cell.source.splitlines()}
    code = [cell for cell in nb.cells if cell.cell_type == 'code']
    stubs = {line.strip() for stub, _, _ in exercises(nb) for line in nb.cells[stub].source.splitlines()}
    secret = {line.strip() for cell in code if 'solution' in tags(cell) for line in cell.source.splitlines()} - taught - stubs
    secret = {line for line in secret if len(line) > 8 and not line.startswith('#')}
    copy = strip(nb)
    said = '\n'.join(cell.source for cell in copy.cells)
    found = [f'holds a line of a solution: {line}' for line in sorted(secret) if line in said]
    made_by = lambda cells: {name for cell in cells for node in ast.walk(parsed(cell)) for name in names_made(node)}
    only = made_by([cell for cell in code if LEFT_OUT & tags(cell)]) - made_by([cell for cell in copy.cells if cell.cell_type == 'code'])
    used = {node.id for cell in copy.cells if cell.cell_type == 'code' for node in ast.walk(parsed(cell)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    found += [f'uses {name}, which only a solution makes' for name in sorted(only & used)]
    return found + [f'uses {name} after its exercise, where a learner may have nothing yet' for name in leaned_on(nb)]


def leaned_on(nb):
    "Names that a stub makes and that a later cell uses, other than in its check, without making them anew."
    found = set()
    for stub, solution, _ in exercises(nb):
        open_names = {name for node in parsed(nb.cells[stub]).body for name in ({node.name} if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else
                      {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)})}
        for later in nb.cells[solution+1:]:
            if later.cell_type != 'code' or LEFT_OUT & tags(later): continue
            for node in parsed(later).body:
                if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and getattr(node.value.func, 'id', '') == 'check': continue
                found |= open_names & {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
                open_names -= {name for n in ast.walk(node) for name in names_made(n)}
    return sorted(found)


def parsed(cell):
    "The cell's syntax tree, magics left out; an empty one when it does not parse."
    try: return ast.parse('\n'.join('pass' if re.match(r'\s*[%!]', line) else line for line in cell.source.splitlines()))
    except SyntaxError: return ast.parse('')


def names_made(node):
    "The names that this piece of code gives to something."
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store): return {node.id}
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)): return {node.name, *([a.arg for a in node.args.args] if isinstance(node, ast.FunctionDef) else [])}
    if isinstance(node, (ast.Import, ast.ImportFrom)): return {(alias.asname or alias.name).split('.')[0] for alias in node.names}
    return {a.arg for a in node.args.args} if isinstance(node, ast.Lambda) else set()


def digest(raw): return hashlib.sha256(raw).hexdigest()


def place(folder, name, raw, made):
    "Write `raw` as folder/name unless somebody changed what is there; then beside it. Returns what to tell, or ''."
    path = folder/name
    if not path.exists() or digest(path.read_bytes()) in (made.get(name), digest(raw)):
        if path.exists() and path.read_bytes() == raw: told = ''
        else: told = f'{folder.name}/{name}'
        aside = path.with_name(f'.{name}.part')
        aside.write_bytes(raw)
        aside.replace(path)
        made[name] = digest(raw)
        return told
    if made.get(name) == digest(raw): return ''  # changed by its reader, and the lesson is the one they started from
    stem, n = name.removesuffix('.ipynb'), 1
    while True:
        beside = f'{stem}.new.ipynb' if n == 1 else f'{stem}.new-{n}.ipynb'
        if not (folder/beside).exists() or digest((folder/beside).read_bytes()) in (made.get(beside), digest(raw)): break
        if made.get(beside) == digest(raw): return ''
        n += 1
    told = place(folder, beside, raw, made)
    return told and f'{folder.name}/{beside}: a newer version; {folder.name}/{name} has your work in it and stays as it is'


def lay_pages(pages, nbs, folder):
    "Copy these pages of docs/ into folder/docs/."
    for name in sorted(pages):
        (folder/'docs').mkdir(exist_ok=True)
        shutil.copy(nbs.parent/'docs'/name, folder/'docs'/name)


def side_files(nbs, folder):
    "Copy what lessons use besides notebooks (pictures), the reader's own files untouched."
    for path in sorted(nbs.iterdir()):
        if path.name == 'lib' or any(path.match(odd) for odd in NOT_FOR_LEARNERS): continue
        if path.is_dir(): shutil.copytree(path, folder/path.name, dirs_exist_ok=True, ignore=shutil.ignore_patterns('.*', '__pycache__'))
        elif not (folder/path.name).exists(): shutil.copy(path, folder/path.name)


def near(nb):
    "The same notebook, its links to pages of docs/ leading into its own folder (JupyterLab opens nothing above it); and the names of those pages."
    pages = set()
    for cell in nb.cells:
        if cell.cell_type == 'markdown':
            pages |= set(DOCS.findall(cell.source))
            cell.source = DOCS.sub(r'](docs/\1', cell.source)
    return nb, pages


def versions(path):
    "The two versions of one lesson: the learner's, the instructor's."
    nb, quiz = nbformat.read(str(path), 4), path.with_name(f'{path.stem}.quiz.toml')
    questions = tomllib.loads(quiz.read_text(encoding='utf-8')).get('questions', []) if quiz.exists() else []
    return strip(nb), keyed(nb, questions)


def make(nbs=NBS, folder=LEARNER, instructor=False):
    "Bring a folder of copies up to date; return what was written, one line each."
    if not lessons(nbs): raise Complaint('There is no lesson in nbs/.')
    folder.mkdir(parents=True, exist_ok=True)
    memory = folder/MADE
    made = json.loads(memory.read_text()) if memory.exists() else {}
    told, pages = [], set()
    for path in lessons(nbs):
        nb, linked = near(versions(path)[instructor])
        pages |= linked
        told.append(place(folder, path.name, text(nb).encode(), made))
        memory.write_text(json.dumps(made, indent=1, sort_keys=True))
    lay_pages(pages, nbs, folder)
    side_files(nbs, folder)
    return [line for line in told if line]


def main(argv=None):
    parser = argparse.ArgumentParser(prog='python -m course.learner', description="Write the learner's notebooks, or the instructor's.")
    parser.add_argument('--solutions', action='store_true', help="the instructor's, with solutions, outputs and the keys to the quizzes")
    instructor = parser.parse_args(argv).solutions
    folder = SOLUTIONS if instructor else LEARNER
    told = make(folder=folder, instructor=instructor)
    for line in told: say(line)
    say(f'{short(folder)}/ has the notebooks to {"teach from" if instructor else "work in"}.' if told else f'{short(folder)}/ is up to date.')


if __name__ == '__main__': run(main)
