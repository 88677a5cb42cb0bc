"""`make book`: the website in build/book/, made from the same notebooks with Sphinx. Open
build/book/index.html: no server, no network.

`gather` lays everything out in build/book-src/, under the same paths as in the repository, so that
links between lessons hold: the lessons (book_lesson.py), docs/, the pages made from data
(book_pages.py, book_library.py), and the learner's copies to download. Sphinx builds it and links
terms to the glossary (book_terms.py); any warning fails. Then book_check.py reads every page as a
browser would.
"""

import argparse
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from types import SimpleNamespace

import nbformat

from course import first_cell, index, learner, offline
from course.book_fields import fields_page
from course.book_check import article_words, faults, html_pages
from course.book_lesson import cover, lesson_page
from course.book_library import library
from course.book_pages import credits_page, glossary_page, landing_page, manifest, render
from course.cells import shows_picture
from course.common import BUILD, ROOT, Complaint, lessons, on_path, run, say, settings
from course.normalise import text

NEEDS = {
    'sphinx': 'sphinx',
    'myst_nb': 'myst-nb',
    'sphinx_book_theme': 'sphinx-book-theme',
    'latex2mathml': 'latex2mathml',
}
SHELVES = {
    'Look it up': [
        'what_can_it_do',
        'what_now',
        'glossary',
        'when_something_breaks',
        'commands',
        'cards',
        'library',
    ],
    'Teach it': ['instructors', 'hub'],
    'About': ['numbers', 'how_hard', 'credits'],
}


def in_book(root):
    "The lessons that have a section in settings.ini and a title, in order."
    known, found = settings(root / 'settings.ini'), []
    for path in lessons(root / 'nbs'):
        if path.stem in known:
            title, promise = index.opening(path)
            found.append(
                SimpleNamespace(
                    stem=path.stem, path=path, title=title, promise=promise, **known[path.stem]
                )
            )
    if not found:
        raise Complaint('There is no lesson in nbs/ with a section in settings.ini.')
    return found


# --- what Sphinx reads


def shelves(pages, benchmarks):
    "The table of contents below the lessons, [(shelf, pages)]; what nobody placed is About."
    placed = {page for shelf in SHELVES.values() for page in shelf}
    shown = {
        shelf: [f'docs/{page}' for page in of if page in pages] for shelf, of in SHELVES.items()
    }
    shown['About'] += [f'docs/{page}' for page in sorted(pages - placed)]
    shown['About'] += [f'benchmarks/{page}' for page in benchmarks]
    return [(shelf, of) for shelf, of in shown.items() if of]


def point_home(words, repository):
    """Markdown whose links to files that the book does not hold (../README.md) lead to the
    repository, or are plain words while it has no address."""
    return re.sub(
        r'\[([^\]]+)\]\(\.\./(?!nbs/|docs/|benchmarks/)([\w./-]+)\)',
        rf'[\1](https://github.com/{repository}/blob/main/\2)' if repository else r'\1',
        words,
    )


def put(path, words):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(words, encoding='utf-8')


def gather(root, src):
    "Lay out in `src` all that Sphinx reads; returns how many lessons and pictures there are."
    shutil.rmtree(src, ignore_errors=True)
    docs, colab, (_, repository) = root / 'docs', first_cell.address(root), first_cell.project(root)
    for name in ('_static', '_templates'):
        shutil.copytree(docs / name, src / name)
    if (docs / 'images').exists():
        shutil.copytree(docs / 'images', src / 'docs' / 'images')
    shutil.copy(docs / 'conf.py', src / 'conf.py')

    found = in_book(root)
    glossary = (docs / 'glossary.md').read_text(encoding='utf-8')
    pages = {
        path.stem: point_home(path.read_text(encoding='utf-8'), repository)
        for path in docs.glob('*.md')
    }
    pages |= {
        'glossary': glossary_page(glossary, found),
        'cards': render('cards.md', manifest=manifest(root)),
        'library': render('library.md', modules=library()),
        'credits': credits_page(root),
    }
    for name, words in pages.items():
        put(src / 'docs' / f'{name}.md', words)
    benchmarks = sorted((root / 'benchmarks').glob('*.md'))
    for path in benchmarks:
        put(src / 'benchmarks' / path.name, path.read_text(encoding='utf-8'))

    notebooks = {lesson.stem: nbformat.read(str(lesson.path), 4) for lesson in found}
    made = src / '_static' / 'made'
    if page := fields_page(root, made, found, notebooks, settings(root / 'settings.ini')):
        pages['what_can_it_do'] = page
        put(src / 'docs' / 'what_can_it_do.md', page)
    landing = landing_page(
        root,
        made,
        notebooks,
        found,
        covers={stem: cover(nb) for stem, nb in notebooks.items()},
        colab=colab,
        pages=pages,
        shelves=shelves(set(pages), [path.stem for path in benchmarks]),
    )
    put(src / 'index.md', landing)
    for lesson in found:
        nb = notebooks[lesson.stem]
        put(src / '_extra' / 'learner' / lesson.path.name, text(learner.strip(nb)))
        page = lesson_page(nb, lesson, src / 'nbs', colab)
        put(src / 'nbs' / lesson.path.name, nbformat.writes(page))
    learner.copy_side_files(root / 'nbs', src / 'nbs')
    shown = [cell for nb in notebooks.values() for cell in nb.cells if shows_picture(cell)]
    return len(found), len(shown)


# --- building


def sphinx(src, out, root=ROOT):
    "Build the pages in `src`, with the network denied to Python; a warning is a Complaint."
    command = [sys.executable, '-m', 'sphinx', '-W', '--keep-going', '-n', '-q', '-E']
    command += ['-D', f'release={first_cell.project(root)[0]}']
    command += ['-D', f'term_glossary={root / "docs" / "glossary.md"}']
    command += ['-d', str(src.parent / f'{src.name}-doctrees'), str(src), str(out)]
    env = dict(os.environ)
    on_path(env, 'PYTHONPATH', ROOT)  # for book_terms.py
    command, env, _ = offline.prepare(command, env, guard=True)
    done = subprocess.run(command, env=env, cwd=src, capture_output=True, text=True)
    if done.returncode:
        raise Complaint(
            'Sphinx complains about the book:\n' + done.stderr.replace(f'{src}/', '').strip()
        )


def name_empty_headings(html):
    """A page whose tables have a word in every heading: where the author left one empty, it is
    heard and not seen."""
    empty, word = r'(<th\b[^>]*>)(?:\s|<p></p>)*(</th>)', '<span class="visually-hidden">{}</span>'
    first = r'(<tr[^>]*>\s*)' + empty
    html = re.sub(first, r'\1\2' + word.format('what') + r'\3', html)
    return re.sub(empty, r'\1' + word.format('about it') + r'\2', html)


def finish(out):
    "Name empty headings, and write down each page's words, which the search shows some of."
    for path in out.rglob('*.map'):  # they are for whoever changes the theme's own scripts
        path.unlink()
    words = {}
    for path in html_pages(out):
        put(path, name_empty_headings(path.read_text(encoding='utf-8')))
        words[path.relative_to(out).as_posix()] = article_words(path)
    words.pop('search.html', None)
    listed = json.dumps(words, ensure_ascii=False)
    put(out / '_static' / 'words.js', f'window.bookWords = {listed};\n')


def build(root=ROOT, src=BUILD / 'book-src', out=BUILD / 'book'):
    """Gather, build, look over. Complaint with everything that is wrong; returns how many lessons
    and pictures there are."""
    missing = [name for module, name in NEEDS.items() if not importlib.util.find_spec(module)]
    if missing:
        raise Complaint(f'The book needs {", ".join(missing)}. Run: make install-book')
    counted = gather(root, src)
    shutil.rmtree(out, ignore_errors=True)
    sphinx(src, out, root)
    finish(out)
    if found := faults(out):
        raise Complaint('The book has faults:\n' + '\n'.join(found))
    return counted


def main(argv=None):
    argparse.ArgumentParser(
        prog='python -m course.book', description='Build the website in build/book/.'
    ).parse_args(argv)
    start = time.monotonic()
    count, shown = build()
    say(
        f'build/book/index.html: {count} lessons, {shown} pictures with their words,'
        f' {time.monotonic() - start:.0f} s. Open it in a browser; it needs no server and no'
        ' network.'
    )


if __name__ == '__main__':
    run(main)
