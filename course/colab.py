"""What a lesson needs to work on Google Colab: its first cell, and the learner's copies on a branch of their own.

The address and the version come from pyproject.toml ([project] version, and the GitHub address under [project.urls], once
there is one). The normaliser writes both into the first cell of every lesson (tagged `colab`).
`python -m course.colab` lays out in build/learner/ what the branch `learner` holds: copies without solutions, whose links
lead to Colab, the wheel that their first cells install, and a page that lists them.
"""
import argparse, functools, re, shutil, tomllib

import nbformat

from course.common import BUILD, NBS, ROOT, lessons, run, say, settings, short

BRANCH, FOLDER = 'learner', BUILD/'learner'
PROSE = """**On Google Colab**, click into the grey box below and press the round ▶ at its left. It installs the course on that computer, once. **On your own
computer** there is nothing to do here: read on."""
CODE = """import sys
from importlib.metadata import distributions
if 'google.colab' in sys.modules and '{version}' not in [d.version for d in distributions(name='whole-game')]:
    print('Installing the course on this Colab machine, once. It takes a minute or two.')
    %pip install --quiet "{what}\""""
NOWHERE = """**On Google Colab** the course cannot be installed yet: it has no public address. **On your own computer** the grey box below does nothing: read
on."""
NO_CODE = """import sys
if 'google.colab' in sys.modules:
    print('This course has no public address yet, so Colab cannot install it.')
    print('Run it on your own computer: the README says how.')"""
PAGE = """# The Whole Game: the lessons to work in

Copies without solutions and without outputs, made from [{repository}]({home}) by `make colab`. Open one, and begin with its first cell.

| lesson | minutes | |
|---|--:|---|
{rows}

`{wheel}` is the library that they install. Do not change anything here by hand: the next publication replaces it all.
"""


@functools.cache
def project(root=ROOT):
    "The version in pyproject.toml, and the repository on GitHub as OWNER/NAME ('' while none is named)."
    table = tomllib.loads((root/'pyproject.toml').read_text(encoding='utf-8'))['project']
    found = (re.fullmatch(r'https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?', url) for url in table.get('urls', {}).values())
    return table['version'], next((m[1] for m in found if m), '')


def wheel_name(root=ROOT): return f'whole_game-{project(root)[0]}-py3-none-any.whl'


def what(root=ROOT):
    """What pip is asked for on Colab: the wheel that was published beside the lesson; '' without an address. The package index is never asked:
    as long as the course is not in it, anybody might put another package there under its name."""
    repository = project(root)[1]
    return f'whole-game[colab] @ https://github.com/{repository}/raw/{BRANCH}/{wheel_name(root)}' if repository else ''


def code(root=ROOT, wanted=''):
    "The source of a lesson's first code cell; `wanted` takes the place of what pip is asked for."
    wanted = wanted or what(root)
    return CODE.format(version=project(root)[0], what=wanted) if wanted else NO_CODE


def prose(root=ROOT):
    "The words above that cell."
    return PROSE if what(root) else NOWHERE


def address(root=ROOT):
    "Where Colab finds the learner's copies: its address up to the file's name; '' while pyproject.toml names no repository."
    repository = project(root)[1]
    return f'https://colab.research.google.com/github/{repository}/blob/{BRANCH}/' if repository else ''


def linked(source, root=ROOT):
    "Prose whose links to other lessons lead to Colab, and those to other files to the repository."
    repository = project(root)[1]
    if not repository: return source
    source = re.sub(r'\]\((\d\d_\w+\.ipynb)\)', lambda m: f']({address(root)}{m[1]})', source)
    return re.sub(r'\]\(\.\./([\w/.#-]+)\)', lambda m: f'](https://github.com/{repository}/blob/main/{m[1]})', source)


def publish(wheel, folder=FOLDER, nbs=NBS, root=ROOT):
    "Lay out the branch's files in `folder`, anew; returns their names."
    from course.learner import lay_pages, near, side_files, strip
    from course.normalise import text
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    known, rows, version = settings(root/'settings.ini'), [], project(root)
    for path in lessons(nbs):
        nb = strip(nbformat.read(str(path), 4))
        for cell in nb.cells:
            if cell.cell_type == 'markdown': cell.source = linked(cell.source, root)
        nb, pages = near(nb)
        lay_pages(pages, nbs, folder)
        (folder/path.name).write_bytes(text(nb).encode())
        title = re.match(r'# (.+)', nb.cells[0].source)[1]
        rows.append(f'| [{path.stem[:2]} {title}]({path.name}) | {known[path.stem]["minutes"]} | {f"[open in Colab]({address(root)}{path.name})" if address(root) else ""} |')
    side_files(nbs, folder)
    shutil.copy(wheel, folder/wheel_name(root))
    home = f'https://github.com/{version[1]}' if version[1] else '..'
    (folder/'README.md').write_text(PAGE.format(repository=version[1] or 'the repository', home=home, rows='\n'.join(rows), wheel=wheel_name(root)), encoding='utf-8')
    return sorted(path.name for path in folder.iterdir())


def main(argv=None):
    argparse.ArgumentParser(prog='python -m course.colab', description="Lay out the branch of the learner's copies.").parse_args(argv)
    from course.full_pass import build_wheel
    made = publish(build_wheel())
    say(f'{short(FOLDER)}/ has what the branch {BRANCH} holds: {", ".join(made)}.')
    if not address(): say('pyproject.toml names no repository on GitHub ([project.urls]), so their first cells install nothing, and no link leads to Colab.')


if __name__ == '__main__': run(main)
