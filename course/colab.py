"""`make colab`: the learner's copies on a branch of their own, where Google Colab opens them.

It lays out in build/learner/ what the branch `learner` holds: copies without solutions, whose links
lead to Colab, the wheel that their first cells install, and a page that lists them. What the first
cell itself says is course/first_cell.py.
"""

import argparse
import re
import shutil

import nbformat

from course.common import BUILD, NBS, ROOT, lessons, run, say, settings, short
from course.first_cell import BRANCH, address, project, wheel_name
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

`{wheel}` is the library that they install. Do not change anything here by hand: the next
publication replaces it all.
"""


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
    "Lay out the branch's files in `folder`, anew; returns their names."

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
        (folder / path.name).write_bytes(text(nb).encode())
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
        ),
        encoding='utf-8',
    )
    return sorted(path.name for path in folder.iterdir())


def main(argv=None):
    argparse.ArgumentParser(
        prog='python -m course.colab', description="Lay out the branch of the learner's copies."
    ).parse_args(argv)

    made = publish(build_wheel())
    say(f'{short(FOLDER)}/ has what the branch {BRANCH} holds: {", ".join(made)}.')
    if not address():
        say(
            'pyproject.toml names no repository on GitHub ([project.urls]), so their first cells'
            ' install nothing, and no link leads to Colab.'
        )


if __name__ == '__main__':
    run(main)
