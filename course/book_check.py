"""Reading the finished book as a browser would: pictures without words, dead links, and whatever a
page would load from another machine."""

import html
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADING_LINKS = {'stylesheet', 'icon', 'shortcut', 'preload', 'manifest'}
ELSEWHERE = re.compile(r'''(?:url\(|@import\s)\s*["']?((?:https?:)?//[^"')\s]+)''')


class Reader(HTMLParser):
    "What a page names: its ids, its links, what it loads, and its pictures without words."

    def __init__(self, words):
        super().__init__()
        self.ids, self.links, self.loads, self.speechless = set(), [], [], []
        self.feed(words)

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or '' for name, value in attrs}
        self.ids.add(attrs.get('id'))
        if tag == 'a':
            self.ids.add(attrs.get('name'))
            self.links.append(attrs.get('href'))
        elif tag == 'link':
            if LOADING_LINKS & set(attrs.get('rel', '').split()):
                self.loads.append(attrs.get('href'))
        else:
            self.loads.append(attrs.get('data' if tag == 'object' else 'src'))
        if tag == 'img' and not attrs.get('alt', '').strip():
            if Path(attrs.get('src', '')).name != 'logo.svg':  # its link has words of its own
                self.speechless.append(attrs.get('src', '')[:80])


def html_pages(out):
    "The pages of the site, without the theme's own building blocks."
    found = sorted(out.rglob('*.html'))
    return [path for path in found if '_static' not in path.relative_to(out).parts]


def article_words(path):
    "The words of a page's article, in one line; the search shows some of them."
    article = re.search(r'<article\b.*?</article>', path.read_text(encoding='utf-8'), re.S)
    unseen = r'<(script|style|math)\b.*?</\1>|<a class="headerlink".*?</a>'
    words = re.sub(unseen, ' ', article[0] if article else '', flags=re.S)
    words = re.sub(r'</(p|li|h\d|td|th|pre|dt|dd)>', ' ', words)
    return ' '.join(html.unescape(re.sub(r'<[^>]+>', '', words)).split())


def fault(path, address, pages):
    "What is wrong with an address on a page of this site; nothing when it leads somewhere."
    parts = urlsplit(address)
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.exists():
        return f'leads nowhere: {address}'
    if parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
        return f'leads to no place on its page: {address}'


def faults(out):
    "Everything that is wrong with the site at `out`, a sentence each."
    pages = {path.resolve(): Reader(path.read_text(encoding='utf-8')) for path in html_pages(out)}
    found = []
    for path, seen in pages.items():
        said = [f'a picture has no words: {src}' for src in seen.speechless]
        for address in filter(None, seen.links + seen.loads):
            if address.startswith(('http:', 'https:', '//')):
                if address in seen.loads:
                    said.append(f'loads from another machine: {address}')
            elif not urlsplit(address).scheme:  # mailto: and data: are left alone
                said.append(fault(path, address, pages))
        found += [f'{path.relative_to(out.resolve())}: {words}' for words in filter(None, said)]
    for path in sorted(out.rglob('*.css')):
        for address in ELSEWHERE.findall(path.read_text(encoding='utf-8')):
            found.append(f'{path.relative_to(out)}: loads from another machine: {address}')
    return found
