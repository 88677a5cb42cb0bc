"""`make colab`: the learner's copies for Google Colab, in build/learner/.

They have no solutions, and below their title a cell that installs the course (course/first_cell.py)
from the wheel beside them. With an address in pyproject.toml the folder is what the branch
`learner` holds, and links lead to Colab. Without one it is put into a Google Drive.
"""

import argparse
import re
import shutil

import nbformat

from course.common import BUILD, NBS, ROOT, lessons, run, say, settings, short
from course.first_cell import BRANCH, address, opened, project, wheel_name
from course.wheels import build_wheel
from course.learner import AGENTS, copy_pages, copy_side_files, link_to_local_pages, strip
from course.normalise import text

FOLDER = BUILD / 'learner'
PAGE = """# The Whole Game: the lessons to work in

Copies without solutions and without outputs, made from [{repository}]({home}) by `make colab`.
Open one, and begin with its first cell.

| lesson | minutes | |
|---|--:|---|
{rows}

`{wheel}` is the library that they install. {how}
"""
PUBLISHED = 'Do not change anything here by hand: the next publication replaces it all.'
IN_DRIVE = """Leave it where it is.

To use this folder on Google Colab, put it into your Google Drive and share it. Whoever is to work
with it right-clicks it in *Shared with me*, adds a shortcut to it in *My Drive*, opens a lesson
with *Google Colaboratory*, and saves a copy in Drive. The folder may be inside two others, no
deeper. Besides the wheel, Colab fetches packages from the internet, a minute or two each time."""


def linked(source, root=ROOT):
    "Prose whose links to other lessons lead to Colab, and those to other files to the repository."
    repository = project(root)[1]
    if not repository:
        return source
    source = re.sub(r'\]\((\d\d_\w+\.ipynb)\)', lambda m: f']({address(root)}{m[1]})', source)
    return re.sub(
        r'\]\(\.\./([\w/.#-]+)\)',
        lambda m: f'](https://github.com/{repository}/blob/main/{m[1]})',
        source,
    )


def publish(wheel, folder=FOLDER, nbs=NBS, root=ROOT):
    "Lay out the files in `folder`, anew; returns their names."

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    known, rows, version = settings(root / 'settings.ini'), [], project(root)
    for path in lessons(nbs):
        nb = strip(nbformat.read(str(path), 4))
        for cell in nb.cells:
            if cell.cell_type == 'markdown':
                cell.source = linked(cell.source, root)
        nb, pages = link_to_local_pages(nb)
        copy_pages(pages, nbs, folder)
        (folder / path.name).write_bytes(text(opened(nb, root)).encode())
        title = re.match(r'# (.+)', nb.cells[0].source)[1]
        rows.append(
            f'| [{path.stem[:2]} {title}]({path.name}) | {known[path.stem]["minutes"]} |'
            f' {f"[open in Colab]({address(root)}{path.name})" if address(root) else ""} |'
        )
    copy_side_files(nbs, folder)
    shutil.copy(AGENTS, folder / 'AGENTS.md')
    shutil.copy(wheel, folder / wheel_name(root))
    home = f'https://github.com/{version[1]}' if version[1] else '..'
    (folder / 'README.md').write_text(
        PAGE.format(
            repository=version[1] or 'the repository',
            home=home,
            rows='\n'.join(rows),
            wheel=wheel_name(root),
            how=PUBLISHED if version[1] else IN_DRIVE,
        ),
        encoding='utf-8',
    )
    return sorted(path.name for path in folder.iterdir())


def main(argv=None):
    argparse.ArgumentParser(
        prog='python -m course.colab', description="Lay out the learner's copies for Google Colab."
    ).parse_args(argv)

    made = publish(build_wheel())
    say(f'{short(FOLDER)}/ has {len(made)} files and folders: {", ".join(made)}.')
    if address():
        say(f'It is what the branch {BRANCH} holds.')
    else:
        say(
            'pyproject.toml names no repository on GitHub ([project.urls]). So put the folder into'
            ' a Google Drive: the first cell of each lesson installs the course from there. Its'
            ' README.md says how.'
        )


if __name__ == '__main__':
    run(main)
