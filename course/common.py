"""What every tool here shares: where things lie, the course's settings, and how to speak to a
person."""

import configparser
import os
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NBS = ROOT / 'nbs'
BUILD = ROOT / 'build'
SIZE_LIMIT = 1_500_000  # bytes a notebook may take
RECORDED = 'recorded.json'  # in nbs/: what the lessons with cards reached in the committed run


class Complaint(Exception):
    "Something a person has to put right; its text is all they need to read."


def settings(path=None):
    """The course's own settings: {stem: {part, minutes, seconds, wall, memory_mb, floors: {metric:
    least}, cards: {metric: words}}}, in order."""
    ini = configparser.ConfigParser(interpolation=None)
    ini.optionxform = str
    if not ini.read(path or ROOT / 'settings.ini', encoding='utf-8'):
        raise Complaint(f'There is no settings file at {path or "settings.ini"}.')
    return {stem: _section(stem, ini[stem]) for stem in ini.sections()}


def _section(stem, section):
    "One lesson's settings with their types; says which key is missing or no number."
    try:
        return {
            'part': section['part'],
            'minutes': int(section['minutes']),
            'seconds': int(section['seconds']),
            'wall': int(section['wall']),
            'memory_mb': int(section['memory_mb']),
            'floors': {
                key[len('floor.') :]: float(value)
                for key, value in section.items()
                if key.startswith('floor.')
            },
            'cards': {
                key[len('card.') :]: value
                for key, value in section.items()
                if key.startswith('card.')
            },
        }
    except KeyError as missing:
        raise Complaint(f'settings.ini [{stem}] has no {missing}.') from None
    except ValueError as wrong:
        raise Complaint(f'settings.ini [{stem}]: {wrong}.') from None


def lessons(nbs=None):
    return sorted((nbs or NBS).glob('[0-9][0-9]_*.ipynb'))


def library(nbs=None):
    "The notebooks of the library, at any depth below nbs/lib."
    found = (nbs or NBS).glob('lib/**/*.ipynb')
    return sorted(path for path in found if '.ipynb_checkpoints' not in path.parts)


def notebooks(which='', nbs=None):
    """Every notebook, lessons first; or those whose name is or begins with `which` (01, errors,
    01_train_a_classifier)."""
    every = lessons(nbs) + library(nbs)
    if not which:
        return every
    found = [path for path in every if path.stem == which]
    found = found or [path for path in every if path.stem.startswith(which)]
    if not found:
        raise Complaint(
            f'No notebook is called {which!r}. There are: {", ".join(path.stem for path in every)}.'
        )
    return found


def local_sets(root=None):
    "The names of the data sets that need no network: made by the course or carried by a package."
    manifest = tomllib.loads(
        ((root or ROOT) / 'whole_game' / 'manifest.toml').read_text(encoding='utf-8')
    )
    return [
        name
        for name, card in manifest.items()
        if card.get('kind', 'data') == 'data' and card['origin'] != 'downloaded'
    ]


def prepare(names):
    """Have data sets ready before a clock starts; an error the course foresaw is told in its own
    words."""
    if not names:
        return
    from whole_game import data
    from whole_game.errors import CourseError

    try:
        for name in names:
            data.get(name)
    except CourseError as wrong:
        raise Complaint(wrong) from None


def short(path):
    "The path as a person would type it from the project's folder."
    path = Path(path).resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def say(*words):
    print(*words, flush=True)


def run(main):
    """Run a tool's `main` and end the process: a complaint is a sentence and exit status 1, so is a
    full disk or a place one may not write to; Ctrl-C is one line and 130."""
    try:
        try:
            code = main()
        except Complaint as complaint:
            say(complaint)
            code = 1
        except KeyboardInterrupt:
            say('\nStopped, as you asked.')
            code = 130
        except OSError as wrong:
            from whole_game.files import FORBIDDEN, FULL, explained

            if wrong.errno not in FULL | FORBIDDEN:
                raise
            print(explained(wrong, 'A file could not be written.'), file=sys.stderr)
            code = 1
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read along has read enough
        from whole_game.files import READER_LEFT, silence

        silence()
        code = READER_LEFT
    sys.exit(code or 0)


def on_path(env, key, folder):
    "Put `folder` first in the search path `key` of the environment `env`."
    env[key] = os.pathsep.join([str(folder), *filter(None, [env.get(key)])])
