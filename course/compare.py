"""nbval, taught the normal form: every notebook runs from a fresh kernel and its outputs are
compared with the committed ones.

Run by course/full_pass.py inside the wheel's own environment. nbval sees only the first state of a
live display; here the fresh outputs are gathered whole, put in normal form, and then handed to
nbval's own comparison, which is strict about text. Pictures are not compared, but a cell that had
one must make one again. What was seen goes to a JSON file.

A lesson has two readers, and one run serves both: before a solution runs, its exercise is checked
as somebody meets it who has written nothing yet and runs all cells. The check must run without an
error and say so kindly.
"""

import copy
import json
import os
import re
import sys
import time
from pathlib import Path

ROOT = str(Path(__file__).resolve().parent.parent)
# last: whole_game is the wheel's
sys.path[:] = [
    p for p in sys.path if p and Path(p).resolve() != Path(__file__).resolve().parent
] + [ROOT]

import nbformat
import pytest
from nbval import plugin

from course.cells import exercises, is_exempt, pictures
from course.usage import Usage
from course.normalise import outputs

KEEP = (
    'display_data',
    'execute_result',
    'stream',
    'error',
    'update_display_data',
    'clear_output',
    'comm_msg',
)


def gather(messages):
    """The outputs a cell is left with after these kernel messages: displays updated, cleared ones
    gone, those that a widget catches left to it."""
    outs, shown, clear, caught = [], {}, False, False
    for msg in messages:
        kind, content = msg['msg_type'], msg['content']
        name = content.get('transient', {}).get('display_id')
        # an Output widget names the message whose outputs are its own, and then none
        if kind == 'comm_msg':
            caught = bool(content['data'].get('state', {}).get('msg_id', caught))
        elif caught:
            pass
        elif kind == 'clear_output':
            clear = content.get('wait', False)
            if not clear:
                outs.clear()
        elif kind == 'update_display_data':
            for out in shown.get(name, []):
                out.data = nbformat.from_dict(content['data'])
                out.metadata = nbformat.from_dict(content['metadata'])
        else:
            if clear:
                outs.clear()
                clear = False
            outs.append(nbformat.v4.output_from_msg(msg))
            if name:
                shown.setdefault(name, []).append(outs[-1])
    return outs


def without_pixels(outs):
    """The outputs, but for what the pictures inside a flip book look like: how many there are and
    what is written above them stays. Pixels differ from processor to processor."""
    outs = [nbformat.from_dict(copy.deepcopy(dict(out))) for out in outs]
    for data in (out.get('data', {}) for out in outs):
        if 'data-flipbook="' in data.get('text/html', ''):
            page = re.sub(r'base64,[\w+/=]+', 'base64,', data['text/html'])
            mark = re.search(r'data-flipbook="(\w+)"', page)[1]  # made of the pictures, too
            data['text/html'] = page.replace(mark, 'mark')
    return outs


class File(plugin.IPyNbFile):
    "One notebook: its kernel knows which lesson it runs, and its time and memory are measured."

    def setup(self):
        os.environ['WHOLE_GAME_LESSON'] = self.path.stem
        self.messages, self.asked, self.start = [], None, time.monotonic()
        self.seen = REPORT.setdefault(
            self.path.stem,
            dict(
                ran=0,
                compared=0,
                exempt=0,
                asserts=0,
                pictures=0,
                stubs=0,
                failed=0,
                differ=[],
                seconds=0,
                processor=0,
                memory_mb=0,
            ),
        )
        super().setup()
        # nbval leaves cells out of the history, and then a last `;` hides nothing
        self.kernel.execute_cell_input = self.ask
        self.usage = Usage(self.kernel.km.provisioner.process.pid)

    def ask(self, source, allow_stdin=None):
        return self.kernel.kc.execute(
            source, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
        )

    def collect(self):
        cells = list(super().collect())
        checked_by = {
            id(self.nb.cells[solution]): self.nb.cells[check].source
            for _, solution, check in exercises(self.nb)
            if check
        }
        for cell in cells:
            cell.__class__ = Cell
            cell.check_of_stub = checked_by.get(id(cell.cell))
            yield cell

    def beside(self, source):
        "Run code that is no cell of the notebook and takes no number in it; return its outputs."
        asked, told = self.kernel.kc.execute(source, store_history=False, allow_stdin=False), []
        while (msg := self.kernel.get_message('iopub', timeout=600))['content'].get(
            'execution_state'
        ) != 'idle' or msg['parent_header'].get('msg_id') != asked:
            if msg['parent_header'].get('msg_id') == asked and msg['msg_type'] in KEEP:
                told.append(msg)
        self.kernel.await_reply(asked, timeout=60)
        return gather(told)

    def get_kernel_message(self, timeout=None, stream='iopub'):
        msg = super().get_kernel_message(timeout, stream)
        if stream == 'iopub':
            asked = msg['parent_header'].get('msg_id')
            if msg['msg_type'] == 'execute_input':
                self.messages, self.asked = [], asked
            elif msg['msg_type'] in KEEP and asked == self.asked:
                self.messages.append(msg)
        return msg

    def teardown(self):
        if hasattr(self, 'usage'):
            usage = self.usage.stop()
            self.seen.update(memory_mb=usage.memory_mb, processor=usage.processor)
        super().teardown()


class Cell(plugin.IPyNbCell):
    "One code cell, its fresh outputs in normal form."

    def runtest(self):
        seen = self.parent.seen
        try:
            if self.check_of_stub:
                self.untouched()
            super().runtest()
            had, has = len(pictures(self.cell)), len(pictures({'outputs': self.fresh()}))
            if had != has:
                self.raise_cell_error(
                    f'It shows {has} pictures; the committed notebook shows {had}.'
                )
        except BaseException:
            seen['failed'] += 1
            raise
        finally:
            seen['seconds'] = time.monotonic() - self.parent.start
        seen['ran'] += 1
        seen['pictures'] += had
        seen['asserts'] += 'assert ' in self.cell.source or 'test_' in self.cell.source
        if self.cell.outputs:
            seen['exempt' if is_exempt(self.cell) else 'compared'] += 1

    def untouched(self):
        "Check the exercise before its solution is there."
        told = self.parent.beside(self.check_of_stub)
        said = ''.join(out.get('text', '') for out in told)
        kind = (
            said.count('✗ Not yet.') == len(re.findall(r"^check\('", self.check_of_stub, re.M))
            and 'Error' not in said
        )
        if not kind or any(out.output_type == 'error' for out in told):
            self.raise_cell_error(
                "A reader who has written nothing yet does not hear a kind 'Not yet'"
                f" from\n{self.check_of_stub}\nbut: {said or told}"
            )
        self.parent.seen['stubs'] += 1

    def fresh(self):
        return outputs(
            gather(self.parent.messages), self.cell.execution_count, self.cell.get('id', '')
        )

    def compare_outputs(self, test, ref, skip_compare=None):
        same = super().compare_outputs(
            without_pixels(self.fresh()),
            without_pixels(outputs(ref, self.cell.execution_count, self.cell.get('id', ''))),
            skip_compare,
        )
        if same or STRICT:
            return same
        self.parent.seen['differ'].append(
            {
                'cell': self.cell_num,
                'source': self.cell.source,
                'how': '\n'.join(self.comparison_traceback),
            }
        )
        return True


class Ours:
    "A pytest plugin: what nbval collects becomes ours."

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(self, file_path, parent):
        found = yield
        for one in found:
            if isinstance(one, plugin.IPyNbFile):
                one.__class__ = File
        return found


REPORT, STRICT = {}, os.environ.get('WHOLE_GAME_STRICT', '1') == '1'

if __name__ == '__main__':
    report, *books = sys.argv[1:]
    code = pytest.main(
        [
            '--nbval',
            '--nbval-current-env',
            '--nbval-cell-timeout=600',
            '-p',
            'no:cacheprovider',
            '-q',
            '--color=no',
            '-W',
            'ignore::pytest.PytestAssertRewriteWarning',
            f'--rootdir={ROOT}',
            *books,
        ],
        [Ours()],
    )
    Path(report).write_text(json.dumps(REPORT, indent=1))
    sys.exit(code)
