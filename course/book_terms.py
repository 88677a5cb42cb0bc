"""A Sphinx extension of the book: the first use of a glossary term in a lesson links to its entry.

It works on Sphinx's tree of the page, so code, formulas, headings, links and quotations are left
alone. A term that the lesson introduces in bold is linked there, although the word may come before
in its everyday sense.
"""

import re
from itertools import groupby
from pathlib import Path

from docutils import nodes

from course.words import anchor, plain, spelling, terms

UNTOUCHED = (
    nodes.title,
    nodes.reference,
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.math_block,
    nodes.block_quote,
    nodes.raw,
    nodes.comment,
)


def stays(node):
    "Whether a part of the page is left as it is; the outputs of cells are, too."
    return isinstance(node, UNTOUCHED) or 'cell_output' in node.get('classes', [])


def introduced(tree, glossary):
    "The terms that stand in bold by themselves in a lesson's prose; a table introduces none."
    tables = {
        id(bold) for table in tree.findall(nodes.table) for bold in table.findall(nodes.strong)
    }
    said = [bold.astext() for bold in tree.findall(nodes.strong) if id(bold) not in tables]
    return {term for term in glossary if any(re.fullmatch(spelling(term), words) for words in said)}


class Linker:
    "Links the first use of each term in one lesson; `glossary` is {term: what it means}."

    def __init__(self, tree, glossary, page):
        self.terms = sorted(glossary, key=len, reverse=True)
        self.glossary, self.page = glossary, page
        self.waiting, self.seen = introduced(tree, glossary), set()
        choices = '|'.join(f'(?P<t{n}>{spelling(term)})' for n, term in enumerate(self.terms))
        self.pattern = re.compile(rf'(?<![\w/.-])(?:{choices})(?![\w/-])')

    def within(self, element):
        "Put the links into an element and all that it holds, in the order of reading."
        children = []
        for is_text, group in groupby(list(element.children), lambda c: isinstance(c, nodes.Text)):
            if is_text:
                children += self.linked(''.join(group), isinstance(element, nodes.strong))
                continue
            for child in group:
                if not stays(child):
                    self.within(child)
                children.append(child)
        element[:] = children

    def linked(self, text, bold):
        "A piece of text as text and links."
        pieces, end = [], 0
        for found in self.pattern.finditer(text):
            term = self.terms[int(found.lastgroup[1:])]
            alone = bold and found[0] == text
            if term in self.seen or (term in self.waiting and not alone):
                continue
            self.seen.add(term)
            link = nodes.reference(
                '',
                found[0],
                refuri=f'{self.page}#{anchor(term)}',
                reftitle=plain(self.glossary[term]),
                classes=['term'],
                internal=True,
            )
            pieces += [nodes.Text(text[end : found.start()]), link]
            end = found.end()
        return [*pieces, nodes.Text(text[end:])]


def link_terms(tree, glossary, page='../docs/glossary.html'):
    "Link the first use of each term in a lesson's tree to its entry on the glossary's page."
    Linker(tree, glossary, page).within(tree)


def on_read(app, tree):
    if app.env.docname.startswith('nbs/') and app.config.term_glossary:
        found = terms(Path(app.config.term_glossary).read_text(encoding='utf-8'))
        link_terms(tree, {term: means for term, (_, means) in found.items()})


def setup(app):
    app.add_config_value('term_glossary', '', 'env', str)
    app.connect('doctree-read', on_read)
    return {'parallel_read_safe': True}
