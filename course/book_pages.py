"""The pages of the book that are made from data: the landing page, the glossary, the cards of data
and models, the library and the credits. Their words and HTML are templates in docs/_pages/."""

import base64
import functools
import importlib.metadata
import io
import re
import tomllib
from types import SimpleNamespace

import jinja2
from PIL import Image

from course.cells import alt_text, pictures, shows_picture
from course.common import ROOT, Complaint
from course.words import anchor, plain, terms

TEMPLATES = ROOT / 'docs' / '_pages'


# --- templates


def named_links(words):
    "Words with each address in them behind the words before it."
    return re.sub(r'(.*?),? (https?://[^\s,]+)', r'[\1](\2)', words)


def table_cell(words):
    "Words that nothing in a Markdown table can mistake for a mark."
    return words.replace('|', '/').replace('$', r'\$')


def first_sentence(words):
    return re.match(r'(.+?[.!?])(\s|$)|(.*)', words)[0].strip()


@functools.cache
def templates(folder=TEMPLATES):
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for read in (plain, named_links, table_cell, first_sentence):
        found.filters[read.__name__] = read
    return found


def render(name, folder=TEMPLATES, **facts):
    "A template of docs/_pages/ with its facts filled in; one that is not known is a Complaint."
    try:
        return templates(folder).get_template(name).render(facts)
    except jinja2.TemplateError as wrong:
        raise Complaint(f'docs/_pages/{name} cannot be filled in: {wrong}') from None


# --- the landing page


def measured(numbers, what, form='(.+)'):
    "The groups of `form` in the row of docs/numbers.md that begins with `what`."
    rows = dict(re.findall(r'^\| *(.+?) *\| *(.+?) *\|$', numbers, re.M))
    found = [value for key, value in rows.items() if key.startswith(what)]
    if len(found) != 1:
        raise Complaint(
            f'docs/numbers.md has {len(found)} rows that begin "{what}", and the landing page needs'
            ' one. Put the row back, or change docs/_pages/index.md.'
        )
    if not (values := re.match(f'{form}(?:;|$)', found[0])):
        raise Complaint(
            f'docs/numbers.md: the row "{what}" says "{found[0]}", which docs/_pages/index.md'
            f' cannot read: it looks for {form}. Change one of the two.'
        )
    return values.groups()


def save_picture(raw, path, alt, widest):
    "Keep a picture as a file no wider than `widest` pixels: its size, address and words."
    with Image.open(io.BytesIO(raw)) as opened:
        picture = opened.convert('RGB')
    picture.thumbnail((widest, widest * 2))
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, quality=85, optimize=True)
    width, height = picture.size
    return SimpleNamespace(src=f'_static/made/{path.name}', width=width, height=height, alt=alt)


def drawn_by(nb, code=''):
    "The picture of the first cell with this code in it as (bytes, words); nothing without one."
    for cell in nb.cells:
        if code in cell.source and shows_picture(cell) and (shown := pictures(cell)):
            return base64.b64decode(shown[0]), alt_text(cell)


def landing_page(root, made, notebooks, lessons, covers, **facts):
    "The landing page; its pictures become files in `made`, and `covers` is {stem: (bytes, words)}."
    by_number = {lesson.stem[:2]: lesson for lesson in lessons}
    numbers = (root / 'docs' / 'numbers.md').read_text(encoding='utf-8')
    project = tomllib.loads((root / 'pyproject.toml').read_text(encoding='utf-8'))['project']

    def picture(code):
        if not (found := drawn_by(notebooks[by_number['01'].stem], code)):
            raise Complaint(
                f'docs/_pages/index.md shows the picture that {code!r} draws in lesson 01, and no'
                ' cell there does. Name another piece of code.'
            )
        name = re.sub(r'\W+', '_', code).strip('_')
        return save_picture(found[0], made / f'{name}.jpg', found[1], 900)

    shown = {}
    for stem, nb in notebooks.items():
        if found := covers.get(stem) or drawn_by(nb):
            shown[stem] = save_picture(found[0], made / f'{stem}.jpg', found[1], 640)
    return render(
        'index.md',
        lessons=lessons,
        start=by_number['00'],
        first=by_number['01'],
        covers=shown,
        picture=picture,
        measured=functools.partial(measured, numbers),
        python=project['requires-python'].lstrip('>='),
        **facts,
    )


# --- the glossary, the cards, the credits


def glossary_page(markdown, lessons=()):
    "docs/glossary.md as a page: each entry can be linked to, and names the lessons it is from."
    entry = r'^\*\*(.+?)\*\*(?: \([\d, ]+\))?: (.+?)(?=\n\s*\n|\Z)'
    opening = re.sub(entry, '', markdown, flags=re.M | re.S).strip()
    if '**' in opening:
        raise Complaint(
            'docs/glossary.md: an entry is not of the form "**Term** (01): what it is.": '
            + opening[opening.index('**') :][:80]
        )
    entries = [
        SimpleNamespace(
            term=term,
            means=means,
            anchor=anchor(term),
            letter=term[0].upper(),
            lessons=[lesson for lesson in lessons if lesson.stem[:2] in numbers],
        )
        for term, (numbers, means) in terms(markdown).items()
    ]
    entries.sort(key=lambda entry: entry.term.lower())
    return render('glossary.md', opening=opening, entries=entries)


def manifest(root):
    return tomllib.loads((root / 'whole_game' / 'manifest.toml').read_text(encoding='utf-8'))


def packages(root):
    "What the lessons are built with, from pyproject.toml, each in its own words."
    project = tomllib.loads((root / 'pyproject.toml').read_text(encoding='utf-8'))['project']
    needs = list(project['dependencies'])
    for extra in ('lab', 'app', 'play', 'book'):
        needs += project['optional-dependencies'].get(extra, [])
    found = []
    for name in sorted({re.match(r'[\w.-]+', need)[0] for need in needs}, key=str.lower):
        try:
            about = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        classes = [
            line.split(' :: ')[-1]
            for line in about.get_all('Classifier', [])
            if line.startswith('License ::')
        ]
        licence = about.get('License-Expression') or next(iter(classes), '')
        licence = licence or (about.get('License') or '').split('\n')[0][:60]
        summary = about.get('Summary') or ''
        found.append(
            SimpleNamespace(name=name, summary=summary, licence=licence.replace('UNKNOWN', ''))
        )
    return found


def credits_page(root):
    from whole_game.makers.scenes import PHOTOGRAPHS

    carried = (root / 'whole_game' / 'manifest.toml').read_text(encoding='utf-8')
    return render('credits.md', photographs=PHOTOGRAPHS, packages=packages(root), carried=carried)
