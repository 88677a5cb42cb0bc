"""`make play`: prepare lesson 1's data, run lesson 1 from a fresh kernel with a live display, and
say how it went.

The lesson runs in build/play/ and is left there as it ran; nothing in nbs/ is touched. Exit status
0 means that the lesson ran to its end and reached its floors.
"""

import argparse
import sys
import threading
import time

import nbformat

from course.common import BUILD, NBS, Complaint, prepare, run, say, settings, short
from course.execute import execute
from course.learner import copy_side_files
from whole_game.files import write

LESSON, DATA = '01_train_a_classifier', ('paintings', 'charts')


class Display:
    "Where the lesson is: one line that keeps moving on a terminal, a line for each part elsewhere."

    def __init__(self, out=sys.stdout):
        self.out, self.live, self.state, self.start = out, out.isatty(), None, time.monotonic()
        self.done = threading.Event()
        if self.live:
            threading.Thread(target=self.tick, daemon=True).start()

    def __call__(self, part, cell, cells):
        new = self.state is None or self.state[0] != part
        self.state = part, cell, cells
        if self.live:
            self.draw()
        elif new:
            print(self.line(), file=self.out, flush=True)

    def line(self):
        part, cell, cells = self.state
        full = round(20 * (cell - 1) / cells)
        return (
            f'[{"#" * full}{"-" * (20 - full)}] {time.monotonic() - self.start:4.0f} s  cell {cell}'
            f' of {cells}  {part}'
        )

    def draw(self):
        print('\r' + self.line()[:110].ljust(110), end='', file=self.out, flush=True)

    def tick(self):
        while not self.done.wait(1):
            if self.state:
                self.draw()

    def close(self):
        self.done.set()
        if self.live:
            print('\r' + ' ' * 110 + '\r', end='', file=self.out, flush=True)


def report(ran, section, where):
    "How it went, in a few lines; and the floors that were missed."
    metrics, lines = ran.metrics, ['']
    if 'right' in metrics and 'of' in metrics:
        lines.append(
            f'  right      {metrics["right"]:.0f} of {metrics["of"]:.0f} paintings it had never'
            f' seen ({metrics["right"] / metrics["of"]:.1%})'
        )
    elif 'accuracy' in metrics:
        lines.append(f'  right      {metrics["accuracy"]:.1%} of the paintings it had never seen')
    lines += [
        f'  time       {ran.seconds:.0f} seconds, from an empty kernel to the last cell',
        f'  memory     {ran.memory_mb / 1000:.1f} GB at most',
        f'  lesson     {short(where)} (as it ran just now)',
        '  next       make lab, to open the lessons and work through them',
        '',
    ]
    missed = [
        f'{name} is {metrics.get(name, "not recorded")}; at least {least:g} was expected.'
        for name, least in section['floors'].items()
        if not metrics.get(name, float('-inf')) >= least
    ]
    return '\n'.join(lines), missed


def play(stem=LESSON, data=DATA, nbs=NBS, build=BUILD, section=None, out=sys.stdout):
    "Run one lesson for a person watching; raise a Complaint unless it ends well."
    path, where = nbs / f'{stem}.ipynb', build / 'play' / f'{stem}.ipynb'
    if not path.exists():
        raise Complaint(f'There is no lesson {stem} in {short(nbs)}/.')
    section = section or settings()[stem]
    prepare(data)
    say(f'Playing {stem}. On a laptop this takes about {section["wall"]} seconds or less.')
    display = Display(out)
    where.parent.mkdir(parents=True, exist_ok=True)
    copy_side_files(nbs, where.parent)
    try:
        ran = execute(path, progress=display, folder=where.parent, threads=None)
    finally:
        display.close()
    write({where: nbformat.writes(ran.nb)})
    if ran.error:
        raise Complaint(f'\n{ran.error}\n\nWhat ran before that lies in {short(where)}.')
    told, missed = report(ran, section, where)
    say(told)
    if missed:
        raise Complaint(
            'The lesson ran to its end, and reached less than it should: ' + ' '.join(missed)
        )


def main(argv=None):
    argparse.ArgumentParser(
        prog='python -m course.play', description='Run lesson 1 and say how it went.'
    ).parse_args(argv)
    play()


if __name__ == '__main__':
    run(main)
