"""`make learner`: the notebooks people work in, learner/NN_*.ipynb, made from nbs/ without solutions and outputs.

A copy somebody changed is never overwritten: when the lesson has a newer version, it is laid beside the copy as
NN_name.new.ipynb. learner/.made.json remembers what was written, so that an untouched copy can be told from a changed one.
"""
import argparse, hashlib, json, shutil

import nbformat

from course.common import NBS, ROOT, Complaint, lessons, run, say, short
from course.normalise import normalise, text

LEARNER, MADE = ROOT/'learner', '.made.json'
LEFT_OUT = {'solution', 'instructor'}
NOT_FOR_LEARNERS = ('*.ipynb', '*.quiz.toml', 'reference.json', 'models', '.*', '__pycache__')  # models: what a run of a lesson saved


def strip(nb):
    "The learner's version of a lesson: no solutions, no instructor's notes, no outputs."
    nb = normalise(nb)
    nb.cells = [cell for cell in nb.cells if not LEFT_OUT & set(cell.metadata.get('tags', []))]
    for cell in nb.cells:
        if cell.cell_type == 'code': cell.update(outputs=[], execution_count=None)
    return nb


def digest(raw): return hashlib.sha256(raw).hexdigest()


def place(folder, name, raw, made):
    "Write `raw` as folder/name unless somebody changed what is there; then beside it. Returns what to tell, or ''."
    path = folder/name
    if not path.exists() or digest(path.read_bytes()) in (made.get(name), digest(raw)):
        if path.exists() and path.read_bytes() == raw: told = ''
        else: told = f'learner/{name}'
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
    return told and f'learner/{beside}: a newer version; learner/{name} has your work in it and stays as it is'


def side_files(nbs, folder):
    "Copy what lessons use besides notebooks (pictures), the reader's own files untouched."
    for path in sorted(nbs.iterdir()):
        if path.name == 'lib' or any(path.match(odd) for odd in NOT_FOR_LEARNERS): continue
        if path.is_dir(): shutil.copytree(path, folder/path.name, dirs_exist_ok=True, ignore=shutil.ignore_patterns('.*', '__pycache__'))
        elif not (folder/path.name).exists(): shutil.copy(path, folder/path.name)


def make(nbs=NBS, folder=LEARNER):
    "Bring the learner's folder up to date; return what was written, one line each."
    if not lessons(nbs): raise Complaint('There is no lesson in nbs/.')
    folder.mkdir(parents=True, exist_ok=True)
    memory = folder/MADE
    made = json.loads(memory.read_text()) if memory.exists() else {}
    told = []
    for path in lessons(nbs):
        told.append(place(folder, path.name, text(strip(nbformat.read(str(path), 4))).encode(), made))
        memory.write_text(json.dumps(made, indent=1, sort_keys=True))
    side_files(nbs, folder)
    return [line for line in told if line]


def main(argv=None):
    argparse.ArgumentParser(prog='python -m course.learner', description="Write the learner's notebooks.").parse_args(argv)
    told = make()
    for line in told: say(line)
    say(f'{short(LEARNER)}/ has the notebooks to work in.' if told else f'{short(LEARNER)}/ is up to date.')


if __name__ == '__main__': run(main)
