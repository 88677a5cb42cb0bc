"""The book's page "What can it do?": a card for each station of the part Fields, with its picture
and what it reached beside a simple method.

A card's words are in settings.ini: `card.dice = Dice {dice:.2f}, without learning {plain:.2f}`. The
key is a number that the station records, and the words may use all that its lesson recorded; the
numbers are those of the committed run (nbs/recorded.json, written by course/execute.py). The
picture is the station's first, or that of a cell with the tag `card`.
"""

import json
import re
from types import SimpleNamespace

from course.book_pages import drawn_by, render, save_picture
from course.cells import tags
from course.common import RECORDED, Complaint


def stations(cells):
    'The stations among these cells: [(title, cells)]; one begins with "## Station 1: Title".'
    found, now = [], None
    for cell in cells:
        heading = cell.cell_type == 'markdown' and re.match(r'## (.+)', cell.source)
        if heading:
            begins = re.match(r'Station \d+: (.+)', heading[1])
            now = [] if begins else None
            found += [(begins[1], now)] if begins else []
        if now is not None:
            now.append(cell)
    return found


def records(cells, name):
    "Whether one of these cells records this number."
    return any(
        re.search(rf'^record\((?:.*[^\w])?{name}=', cell.source, re.M | re.S)
        for cell in cells
        if cell.cell_type == 'code'
    )


def cards(stem, nb, section, recorded):
    """A lesson's cards, one for each station: title, number, words, picture (bytes, words) or None.
    A station without a card, a card without a station and a number nobody recorded are
    Complaints."""
    found, left = [], dict(section['cards'])
    for title, cells in stations(nb.cells):
        name = next((name for name in left if records(cells, name)), None)
        if name is None:
            raise Complaint(
                f'{stem}: the station "{title}" has no card. Write card.NAME = ... into'
                ' settings.ini, for a number that the station records.'
            )
        try:
            words = left.pop(name).format(**recorded.get(stem, {}))
        except (KeyError, IndexError, ValueError) as wrong:
            raise Complaint(
                f'settings.ini [{stem}]: card.{name} cannot be filled in: {wrong}. It may use what'
                f' the lesson recorded: {", ".join(recorded.get(stem, {})) or "nothing so far"}.'
            ) from None
        best = [cell for tag in ('card', 'cover-source') for cell in cells if tag in tags(cell)]
        picture = drawn_by(SimpleNamespace(cells=best[:1] or cells))
        found.append(SimpleNamespace(title=title, name=name, words=words, picture=picture))
    if left:
        raise Complaint(
            f'settings.ini [{stem}]: no station records {", ".join(left)}, which has a card.'
        )
    return found


def fields_page(root, made, lessons, notebooks, sections):
    "The page, its pictures saved as files in `made`; nothing while no lesson has cards."
    path = root / 'nbs' / RECORDED
    recorded = json.loads(path.read_text(encoding='utf-8')) if path.exists() else {}
    shelves = []
    for lesson in lessons:
        section = sections.get(lesson.stem, {})
        if not section.get('cards'):
            continue
        shown = cards(lesson.stem, notebooks[lesson.stem], section, recorded)
        for card in shown:
            if card.picture:
                name = f'{lesson.stem[:2]}_{card.name}.jpg'
                card.picture = save_picture(card.picture[0], made / name, card.picture[1], 640)
        shelves.append(SimpleNamespace(lesson=lesson, cards=shown))
    return render('what_can_it_do.md', shelves=shelves) if shelves else ''
