"""English as it is spoken, and one name for one thing: part of `make check` when it looks at all
notebooks.

course/phrases.toml lists phrases that read as translated. docs/glossary.md gives each term one
name; an entry that ends in "Elsewhere: *kernel*." or "At first: *bend*." names the others, and a
lesson after the one that earns the term does not use them. What a file still has is in
phrases.toml, [left], with its number, which may only go down.
"""

import io
import re
import tokenize
import tomllib

import nbformat

from course import words
from course.common import ROOT, lessons, library

LIST = 'course/phrases.toml'
OTHERS = re.compile(r'\b(?:Elsewhere|At first): ((?:\*[^*]+\*(?:, | and | or )?)+)')


def listed(root=ROOT):
    "What course/phrases.toml says: {pattern: what to write}, and {file: how many are left}."
    found = tomllib.loads((root / LIST).read_text(encoding='utf-8'))
    return found['phrases'], found['left']


def other_names(root=ROOT):
    "The other names that the glossary knows: {name: (the term, the lesson that earns it)}."
    glossary = (root / 'docs' / 'glossary.md').read_text(encoding='utf-8')
    return {
        name: (term, min(earned, default='00'))
        for term, (earned, definition) in words.terms(glossary).items()
        for group in OTHERS.findall(definition)
        for name in re.findall(r'\*([^*]+)\*', group)
    }


def said_in_code(source):
    "The comments and texts of a cell of code."
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return ''
    kinds = (tokenize.STRING, tokenize.COMMENT)
    return '\n'.join(token.string for token in tokens if token.type in kinds)


def texts(root=ROOT):
    "What people read, by the file that it is in: {name: text}."
    found = {}
    for path in [*lessons(root / 'nbs'), *library(root / 'nbs')]:
        cells = nbformat.read(str(path), 4).cells
        found[path.relative_to(root).as_posix()] = '\n\n'.join(
            (cell.source if cell.cell_type == 'markdown' else said_in_code(cell.source))
            + '\n'
            + cell.metadata.get('alt', '')
            for cell in cells
        )
    others = [*root.glob('nbs/*.quiz.toml'), *root.glob('docs/*.md'), root / 'README.md']
    for path in [*others, root / 'CONTRIBUTING.md', root / 'course' / 'plans.toml']:
        name = path.relative_to(root).as_posix()
        if name not in ('docs/instructors.md', 'docs/glossary.md') and path.exists():
            found[name] = path.read_text(encoding='utf-8')
    return found


def faults(name, text, phrases, others):
    "What a text has of them: [(line, what is there, what to write)]."
    text = re.sub(r'^(`{3,}).*?^\1', '', text, flags=re.M | re.S)
    text = re.sub(r'\s+', ' ', re.sub(r'([\'"])\s*\n\s*f?\1', '', text))
    found = []
    for pattern, instead in phrases.items():
        found += [(m, instead) for m in re.finditer(pattern, text)]
    lesson = re.search(r'(?:^nbs/|lesson_)(\d\d)', name)
    for other, (term, earned) in others.items():
        if lesson and lesson[1] > earned:
            pattern = rf'(?<![\w*`/.-]){words.spelling(other)}(?![\w*`/-])'
            found += [(m, f'{term} is its one name') for m in re.finditer(pattern, text)]
    return [
        (' '.join(text[max(0, m.start() - 30) : m.end() + 30].split()), m[0].strip(), instead)
        for m, instead in sorted(found, key=lambda pair: pair[0].start())
    ]


def complaints(root=ROOT):
    "A sentence for each file that has more of them, or fewer, than phrases.toml allows."
    phrases, left = listed(root)
    others, found = other_names(root), []
    every = {name: faults(name, text, phrases, others) for name, text in texts(root).items()}
    for name, there in every.items():
        allowed = left.get(name, 0)
        if len(there) > allowed:
            found.append(
                f'{name}: {len(there)} phrases of {LIST}, {allowed} is the most.'
                + ''.join(f'\n    "... {at} ...": {say}' for at, _, say in there[:5])
            )
        elif len(there) < allowed:
            do = 'Lower that number.' if there else 'Delete that line.'
            found.append(f'{LIST}: [left] allows {name} {allowed}; it has {len(there)}. {do}')
    return found + [f'{LIST}: there is no {name}.' for name in left if name not in every]
