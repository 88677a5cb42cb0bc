"""Installs the course on Google Colab from its wheel, which is beside the lessons.

The text of this file is the first code cell of the copies that `make colab` writes where the course
has no public address (course/first_cell.py). So it uses the standard library alone.
"""

import glob
import os
import subprocess
import sys
import zipfile
from importlib import invalidate_caches
from importlib.metadata import distributions

NEEDED = '0.0.0'
CONTENT = '/content/'  # where Colab keeps files; Drive is in its folder `drive`


def numbers(version):
    return [int(n) for n in version.split('.') if n.isdigit()]


def newest():
    "The newest wheel beside this notebook, on this machine or in your Drive; '' without one."
    places = ['', *(CONTENT + '*/' * depth for depth in range(6))]
    version = lambda path: numbers(path.split('-')[-4])
    found = [
        path for place in places for path in glob.glob(f'{place}whole_game-*-py3-none-any.whl')
    ]
    found = [path for path in found if version(path) >= numbers(NEEDED)]
    return os.path.abspath(max(found, key=version)) if found else ''


def broken(wheel):
    try:
        return zipfile.ZipFile(wheel).testzip() is not None
    except zipfile.BadZipFile:
        return True


def install():
    "Find the wheel, install it and what it needs; returns what to tell."
    wheel = newest()
    if not wheel and not os.path.isdir(f'{CONTENT}drive/MyDrive'):
        from google.colab import drive

        try:
            drive.mount(f'{CONTENT}drive')
        except Exception as e:  # not allowed, or Drive does not answer
            print(f'Your Drive could not be opened: {e}')
        wheel = newest()
    if not wheel:
        return (
            f'The file whole_game-{NEEDED}-py3-none-any.whl, or a newer one, was not found. It is'
            ' in the folder this notebook came from. Somebody shared that folder with you? In'
            ' Google Drive, right-click it and add a shortcut to it in My Drive. You have the'
            ' file? Drag it into the list of files that the folder at the left opens. Then run'
            ' this cell again.'
        )
    if broken(wheel):
        return (
            f'{wheel} is damaged. Perhaps it was still on its way. Put it there once more, then'
            ' run this cell again.'
        )
    print('Installing the course on this Colab machine, once. It takes a minute or two.')
    pip = [sys.executable, '-m', 'pip', '--disable-pip-version-check', 'install', '--quiet']
    done = subprocess.run([*pip, f'{wheel}[colab]'], capture_output=True, text=True)
    invalidate_caches()
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        return (
            'The course was found, but not all it needs could be fetched from the internet. Wait a'
            f' minute, then run this cell again. What pip said: {" ".join(said)}'
        )
    return f'Installed from {wheel}.'


there = [numbers(found.version) for found in distributions(name='whole-game')]
if 'google.colab' in sys.modules and not any(version >= numbers(NEEDED) for version in there):
    print(install())
