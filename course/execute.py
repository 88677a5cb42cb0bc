"""Run a notebook from a fresh kernel, in its own folder, and say where it is, how long it took and
what it recorded.

`python -m course.execute [NAME]` is `make lessons`: it runs every notebook, or those whose name
begins with NAME, and writes each in normal form. A notebook that fails leaves its file as it was,
and what it got to under build/.
"""

import argparse
import asyncio
import base64
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from queue import Empty

import nbformat
from filelock import FileLock
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from traitlets import Type, default

from course.common import (
    RECORDED,
    BUILD,
    NBS,
    ROOT,
    Complaint,
    local_sets,
    notebooks,
    prepare,
    run,
    say,
    settings,
    short,
)
from course.learner import copy_side_files
from course.normalise import settle, tidy, write
from course.parallel import ONE_THREAD, THREADS, side_by_side
from course.usage import Usage
from whole_game import files

REFERENCE = 'reference.json'  # beside the notebooks: on what their outputs were made
NUMBERS_COME_FROM = (
    'fastai',
    'matplotlib',
    'numpy',
    'pillow',
    'scikit-image',
    'scikit-learn',
    'scipy',
    'timm',
    'torch',
    'torchvision',
)


class ThisPython(KernelSpecManager):
    "Finds one kernel only: the Python that runs this, whatever else is installed for the user."

    def get_kernel_spec(self, kernel_name):
        return KernelSpec(**get_kernel_dict())


class LooksAgain(AsyncZMQSocketChannel):
    """A channel that looks for a message every second. One who waits without end may wait in vain:
    when nbclient answers a widget on this channel while it waits, the news that something has come
    can get lost (https://github.com/jupyter/nbclient/issues/312)."""

    async def get_msg(self, timeout=None):
        end = float('inf') if timeout is None else time.monotonic() + timeout
        while True:
            try:
                return await super().get_msg(timeout=max(0, min(1, end - time.monotonic())))
            except Empty:
                if time.monotonic() >= end:
                    raise


class ClientHere(AsyncKernelClient):
    shell_channel_class = Type(LooksAgain)


class KernelHere(AsyncKernelManager):
    client_factory = Type(ClientHere)

    @default('kernel_spec_manager')
    def _here(self):
        return ThisPython(parent=self)


class Ran:
    """What came of running a notebook: `nb` as executed, `seconds` by the clock, `processor`
    seconds, `memory_mb`, `records` (dicts), and `error` or None."""

    def __init__(self, nb, seconds, usage, records, error):
        self.nb, self.seconds, self.records, self.error = nb, seconds, records, error
        self.processor = usage.processor
        self.memory_mb = max(usage.memory_mb, *(round(r.get('memory_mb') or 0) for r in records), 0)
        self.metrics = {k: v for r in records for k, v in r.get('metrics', {}).items()}


def environment(stem, record, threads):
    "The environment of a lesson's kernel; nobody's own progress is touched."
    return {
        **os.environ,
        **(ONE_THREAD if threads == 1 else {}),
        'WHOLE_GAME_LESSON': stem,
        'WHOLE_GAME_RECORD': str(record),
        'WHOLE_GAME_PROGRESS': str(record.with_name('progress.json')),
        'PYTHONHASHSEED': '0',
    }


def headings(nb):
    "For each cell the last `##` heading passed (the title before the first)."
    part, parts = '', []
    for cell in nb.cells:
        if cell.cell_type == 'markdown':
            for line in cell.source.splitlines():
                if line.startswith('## ') or (line.startswith('# ') and not part):
                    part = line.lstrip('# ').strip()
        parts.append(part)
    return parts


def execute(path, nb=None, progress=None, timeout=None, folder=None, threads=1):
    """Run the notebook at `path` (or `nb` in its place) and return a `Ran`; `progress(part, cell,
    cells)` before each code cell. With `threads=None` the kernel has all cores, as a learner's."""
    path = Path(path).resolve()
    nb = nb or nbformat.read(str(path), 4)
    parts = headings(nb)
    code = [
        i for i, cell in enumerate(nb.cells) if cell.cell_type == 'code' and cell.source.strip()
    ]
    client = NotebookClient(
        nb, timeout=timeout, kernel_manager_class=KernelHere, record_timing=False
    )
    client.reset_execution_trackers()
    for i in code:
        nb.cells[i].update(outputs=[], execution_count=None)
    error = None
    with tempfile.TemporaryDirectory() as aside:
        record, words = Path(aside) / 'records.jsonl', Path(aside) / 'kernel.txt'
        start = time.monotonic()
        with (
            words.open('w') as noise,
            client.setup_kernel(
                env=environment(path.stem, record, threads),
                cwd=str(folder or path.parent),
                stderr=noise,
            ),
        ):
            usage = Usage(client.km.provisioner.process.pid)
            try:
                for n, i in enumerate(code, 1):
                    if progress:
                        progress(parts[i], n, len(code))
                    client.execute_cell(nb.cells[i], i, execution_count=n)
            except KeyboardInterrupt:
                forget_cell()
                raise
            except CellExecutionError as wrong:
                error = failure(path, parts[i], n, nb.cells[i], f'{wrong.ename}: {wrong.evalue}')
            except CellTimeoutError:
                error = failure(
                    path, parts[i], n, nb.cells[i], f'It was not done after {timeout} seconds.'
                )
            except DeadKernelError:
                error = failure(
                    path,
                    parts[i],
                    n,
                    nb.cells[i],
                    'The kernel died. Its last words:\n'
                    + words.read_text(errors='replace')[-1000:],
                )
            finally:
                usage.stop()
                seconds = time.monotonic() - start
        records = (
            [json.loads(line) for line in record.read_text().splitlines()]
            if record.exists()
            else []
        )
    return Ran(nb, seconds, usage, records, error)


def forget_cell():
    """Leave what waits for a cell to itself after Ctrl-C. It sees the kernel die, and asyncio would
    print a traceback because nobody takes its exception."""
    for task in asyncio.all_tasks(ensure_event_loop()):
        task.add_done_callback(lambda task: task.cancelled() or task.exception())


def failure(path, part, n, cell, what):
    "What a person needs to find the cell that failed."
    indent = lambda words: '\n'.join('    ' + line for line in words.strip().splitlines())
    return (
        f'{short(path)} stopped in the part "{part}", at code cell {n} (id'
        f' {cell.get("id", "?")}):\n\n{indent(cell.source)}\n\nIt'
        f' said:\n\n{indent(tidy(settle(what)))}'
    )


def this_machine():
    """What the numbers in an output may depend on: the machine, Python, and the packages that
    compute."""
    have = {name: metadata.version(name) for name in NUMBERS_COME_FROM if _installed(name)}
    return {
        'system': platform.system(),
        'machine': platform.machine(),
        'cpu': _cpu(),
        'python': '.'.join(map(str, sys.version_info[:2])),
        'threads': THREADS,
        **have,
    }


def _installed(name):
    try:
        metadata.version(name)
        return True
    except metadata.PackageNotFoundError:
        return False


def _cpu():
    "The processor's name where the system tells it."
    try:
        return next(
            line.split(':')[1].strip()
            for line in Path('/proc/cpuinfo').read_text().splitlines()
            if line.startswith('model name')
        )
    except (OSError, StopIteration):
        return platform.processor()


def note_reference(stems, nbs=NBS):
    "Remember, beside the notebooks, on what the outputs of `stems` were made."
    path = nbs / REFERENCE
    BUILD.mkdir(exist_ok=True)
    with FileLock(BUILD / f'{REFERENCE}.lock'):
        known = json.loads(path.read_text()) if path.exists() else {}
        known |= dict.fromkeys(stems, this_machine())
        there = {path.stem for path in notebooks(nbs=nbs)}
        known = {stem: made for stem, made in known.items() if stem in there}
        files.write({path: json.dumps(known, indent=1, sort_keys=True) + '\n'})


def note_recorded(stem, metrics, nbs=NBS):
    "Remember, beside the notebooks, what a lesson with cards reached (course/book_fields.py)."
    path = nbs / RECORDED
    with FileLock(BUILD / f'{RECORDED}.lock'):
        known = json.loads(path.read_text()) if path.exists() else {}
        known[stem] = {name: float(f'{value:.4g}') for name, value in metrics.items()}
        files.write({path: json.dumps(known, indent=1, sort_keys=True) + '\n'})


def plain_progress(part, n, total):
    if plain_progress.last != part:
        say(f'  {n:3}/{total}  {part}')
    plain_progress.last = part


plain_progress.last = None


def cover(nb, stem):
    "Keep the picture at the top of a lesson as docs/images/STEM.jpg, too: the README shows it."
    for cell in nb.cells:
        for picture in cell.get('attachments', {}).values():
            file = ROOT / 'docs' / 'images' / f'{stem}.jpg'
            file.parent.mkdir(parents=True, exist_ok=True)
            files.write({file: base64.b64decode(picture['image/jpeg'])})


def lesson(path):
    """Run one notebook and write it in normal form; on an error keep the file and put what ran
    under build/failed/. A lesson runs in a folder of its own, because lessons save models."""
    say(f'{short(path)}')
    plain_progress.last = None
    with tempfile.TemporaryDirectory() as aside:
        folder = path.parent
        if path.parent == NBS:
            folder = Path(aside)
            copy_side_files(NBS, folder)
        ran = execute(path, progress=plain_progress, folder=folder)
    if ran.error:
        kept = BUILD / 'failed' / path.name
        kept.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(ran.nb, str(kept))
        raise Complaint(
            f'\n{ran.error}\n\nThe file in {short(path.parent)}/ is as it was; what ran before that'
            f' lies in {short(kept)}.'
        )
    cover(write(ran.nb, path), path.stem)
    note_reference([path.stem], NBS)
    if settings().get(path.stem, {}).get('cards'):
        note_recorded(path.stem, ran.metrics)
    metrics = ''.join(
        f', {name} {value:.4g}' if isinstance(value, (int, float)) else f', {name} {value}'
        for name, value in ran.metrics.items()
    )
    say(
        f'  done in {ran.seconds:.1f} s ({ran.processor:.1f} of the processor),'
        f' {ran.memory_mb} MB at most{metrics}'
    )


def alone(path):
    "Run one notebook in a process of its own; return its exit status and what it said."
    command = [sys.executable, '-m', 'course.execute', '--prepared', path.stem]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def every(paths):
    "Run notebooks two at a time; a Complaint that names those that failed."
    known, failed = settings(), []
    budget = lambda key, least: lambda path: known.get(path.stem, {key: least})[key]
    for path, (code, said) in side_by_side(
        paths, alone, seconds=budget('seconds', 5), memory_mb=budget('memory_mb', 1000)
    ):
        lines = said.strip().splitlines()
        say(said.strip() if code else f'{lines[0]}{lines[-1].replace("  done", ": done")}')
        failed += [path.stem] if code else []
    if failed:
        raise Complaint(f'{len(failed)} notebooks did not run to their end: {", ".join(failed)}.')


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m course.execute',
        description='Run notebooks from a fresh kernel and write them in normal form.',
    )
    parser.add_argument(
        'name', nargs='?', default='', help='only notebooks whose name begins so, such as 01'
    )
    parser.add_argument('--prepared', action='store_true', help='the data sets are there already')
    args = parser.parse_args(argv)
    if not args.prepared:
        # no output and no second of a lesson depends on who made the data first
        prepare(local_sets())
    paths = notebooks(args.name)
    if len(paths) == 1:
        lesson(paths[0])
    else:
        every(paths)


if __name__ == '__main__':
    run(main)
