"""The course's words: the entries of docs/glossary.md, and whether each lesson explains a word
before it uses it.

A term's first use, in the order of the lessons, has to stand out (**bold** or *italic*), because
that is where a reader is told what it is; it may stand in the lesson that earns the term, or
before. Part of `make check` when it looks at all notebooks.
"""

import re

import nbformat

from course.common import ROOT, lessons, short

# Words that mean, until a lesson gives them more, what everybody means by them.
EVERYDAY = {
    'App',
    'Axis',
    'Class',
    'Classifier',
    'Feedback loop',
    'Group',
    'Item',
    'Label',
    'Landscape',
    'Log',
    'Model',
    'Notebook',
    'Prediction',
    'Second opinion',
    'Shape',
    'Shortcut',
    'Slope',
    'Spread',
    'Stranger',
    'Surprise',
    'Watch',
}
NOT_PROSE = {'solution', 'instructor', 'cover'}


def terms(markdown):
    "The glossary's entries: {term: (numbers of the lessons that earn it, definition)}."
    return {
        m[1].strip(): (re.findall(r'\d\d', m[2] or ''), ' '.join(m[3].split()))
        for m in re.finditer(
            r'^\*\*(.+?)\*\*(?: \(([\d, ]+)\))?: (.+?)(?=\n\s*\n|\Z)', markdown, re.M | re.S
        )
    }


def anchor(term):
    return 'term-' + re.sub(r'[^a-z0-9]+', '-', term.lower()).strip('-')


def spelling(term):
    """A pattern for a term in a sentence: any space, one or many of it. `Learner` is fastai's, with
    a capital; a learner is you."""
    words = r'\s+'.join(re.escape(word) for word in term.split())
    last = term[-1]
    if last == 'y' and term[-2] not in 'aeiou':
        words = f'{words[:-1]}(?:y|ies)'
    elif last != 's' or term.endswith('ss'):
        words += '(?:es)?' if re.search('(?:s|x|ch|sh)$', term) else 's?'
    if term == 'Learner':
        return words
    return f'(?i:{words})'


def plain(markdown):
    "The words of a piece of Markdown, in one line, without its marks."
    words = re.sub(r'<!--.*?-->|<[^>]+>', '', markdown, flags=re.S)
    words = re.sub(r'!?\[([^\]]*)\]\([^)]*\)', r'\1', words)
    words = re.sub(r'\*\*(.+?)\*\*', r'\1', words)
    words = re.sub(r'(?<![\w*])[*_](?=\S)(.+?)(?<=\S)[*_](?![\w*])', r'\1', words)
    return ' '.join(words.replace('`', '').split())


def prose(path):
    """A lesson's sentences, (cell, text): no code, headings, quotations; of a table what its first
    column names; of a link its words; a name in code as a bare word."""
    found = []
    for n, cell in enumerate(nbformat.read(str(path), 4).cells, 1):
        if cell.cell_type != 'markdown' or NOT_PROSE & set(cell.metadata.get('tags', [])):
            continue
        words = re.sub(
            r'^(`{3,}|~{3,}).*?^\1|<!--.*?-->|<[^>]+>|!\[[^\]]*\]\([^)]*\)',
            ' ',
            cell.source,
            flags=re.M | re.S,
        )
        words = re.sub(r'^\s*\|\W*([\w -]+).*$', r'*\1*', words, flags=re.M)
        words = re.sub(
            r'^\s*(?:#|>|\|).*$', '', re.sub(r'\[([^\]]*)\]\([^)]*\)', r'\1', words), flags=re.M
        )
        found.append((n, re.sub(r'`([^`]*)`', lambda m: m[1] if m[1].isalpha() else ' ', words)))
    return found


def complaints(root=ROOT):
    """A sentence for each term of the glossary that a lesson uses before any lesson has said what
    it is, or that its own lesson never names."""
    found, books = [], [(path, prose(path)) for path in lessons(root / 'nbs')]
    for term, (earned, _) in terms(
        (root / 'docs' / 'glossary.md').read_text(encoding='utf-8')
    ).items():
        word = re.compile(
            rf'(?P<mark>\*{{1,2}}(?:[^*\n]*\s)?)?(?<![\w/.-]){spelling(term)}(?![\w/-])'
        )
        path, n, m = next(
            (
                (path, n, m)
                for path, cells in books
                for n, words in cells
                if (m := word.search(words))
            ),
            (None, 0, None),
        )
        if m is None:
            found.append(f'docs/glossary.md: no lesson uses the term {term}.')
            continue
        late = earned and path.name[:2] > min(earned)
        if late:
            found.append(
                f'docs/glossary.md: {term} is said to be earned in lesson {min(earned)}, but'
                f' {short(path)} is the first to use it.'
            )
        elif not m['mark'] and term not in EVERYDAY:
            at = ' '.join(m.string[max(0, m.start() - 40) : m.end() + 40].split())
            found.append(
                f'{short(path)}, cell {n}: uses {term} ("... {at} ...") before any lesson has'
                ' explained it: gloss it there, in *italics* or **bold**.'
            )
    return found
