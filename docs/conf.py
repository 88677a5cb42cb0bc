"""Sphinx's settings for the book (`make book`). course/book.py copies this file beside the pages
that it gathers, and gives the version.

Mathematics becomes MathML, which browsers draw by themselves: no script, no font, no network.
"""

import latex2mathml.converter
from docutils import nodes
from sphinx.util import logging

project = 'The Whole Game'
author = 'the makers of The Whole Game'
project_copyright = 'the makers of The Whole Game'
language = 'en'

extensions = ['myst_nb', 'course.book_terms']
templates_path = ['_templates']
exclude_patterns = ['_extra', '_templates']
nb_execution_mode = 'off'
nb_render_markdown_format = 'gfm'
nb_merge_streams = True
myst_enable_extensions = ['dollarmath', 'colon_fence']
myst_heading_anchors = 3
myst_update_mathjax = False
html_math_renderer = 'mathml'
add_module_names = False
toc_object_entries = False

html_theme = 'sphinx_book_theme'
html_title = 'The Whole Game'
html_favicon = '_static/logo.svg'
html_static_path = ['_static']
html_extra_path = ['_extra']
html_css_files = ['book.css']
html_js_files = ['book.js']
html_copy_source = False
html_show_sourcelink = False
# It would fetch pages, and a page opened from the disk may not; book.js does it from words.js.
html_show_search_summary = False
html_context = {'default_mode': 'auto'}
html_domain_indices = False
html_use_index = False
html_sidebars = {'**': ['home.html', 'search-button-field.html', 'sbt-sidebar-nav.html']}
html_theme_options = {
    'navbar_persistent': [],
    # It would offer the page's source; the button in the lesson gives the learner's copy.
    'use_download_button': False,
    'use_fullscreen_button': False,
    'show_navbar_depth': 1,
    'show_toc_level': 2,
    'toc_title': 'On this page',
    'search_bar_text': 'Search the book',
    'back_to_top_button': False,
    'footer_content_items': ['extra-footer.html'],
    'extra_footer': 'Text and pictures: CC BY 4.0. Code: Apache 2.0. Photographs keep their own'
    ' terms, as the credits say.',
}


def mathml(node, display):
    "A formula as MathML; one that cannot be read is a warning, and so the book is not built."
    tex = node.astext()
    try:
        made = latex2mathml.converter.convert(tex, display=display)
    except Exception as wrong:
        made = f'\\{wrong}'
    if '\\' in made or '<merror' in made:
        logging.getLogger(__name__).warning(
            'this formula cannot be turned into MathML: %s', tex, location=node
        )
    return made


def visit_math(self, node):
    self.body.append(mathml(node, 'inline'))
    raise nodes.SkipNode


def visit_math_block(self, node):
    anchor = ''.join(f' id="{name}"' for name in node.get('ids', [])[:1])
    number = f'<span class="eqno">({node["number"]})</span>' if node.get('number') else ''
    formula = mathml(node, 'block')
    self.body.append(f'<div class="formula" tabindex="0"{anchor}>{formula}{number}</div>')
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer('mathml', (visit_math, None), (visit_math_block, None))
