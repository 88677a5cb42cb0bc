"""A real headless browser for the tests: `page()` opens one and remembers what it asked for and
complained about.

A test that fails on a page tells what the page showed.

Where there is no Chromium a test skips and says so; in CI (environment variable CI) it fails
instead.
"""

import contextlib
import os
import shutil
from urllib.parse import urlsplit

import pytest

HERE = {'', '127.0.0.1', 'localhost', '::1'}


def chromium():
    """The path of a Chromium or Chrome on this machine; skips the test (in CI: fails it) when there
    is none."""
    for name in ('chromium', 'chromium-browser', 'google-chrome', 'chrome'):
        if path := shutil.which(name):
            return path
    (pytest.fail if os.environ.get('CI') else pytest.skip)(
        'There is no Chromium here: install the package chromium, or Chrome.'
    )


@contextlib.contextmanager
def page(width=1280, height=900):
    """A page in a fresh browser; `page.away` lists requests to other machines, `page.errors` what
    went wrong on it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium(), args=['--no-sandbox', '--disable-dev-shm-usage']
        )
        try:
            page = browser.new_page(viewport={'width': width, 'height': height})
            page.away, page.errors = [], []
            page.on(
                'request',
                lambda r: (
                    page.away.append(r.url)
                    if urlsplit(r.url).scheme in ('http', 'https', 'ws', 'wss')
                    and urlsplit(r.url).hostname not in HERE
                    else None
                ),
            )
            page.on('pageerror', lambda e: page.errors.append(str(e)))
            page.on('console', lambda m: page.errors.append(m.text) if m.type == 'error' else None)
            yield page
        except Exception as e:
            with contextlib.suppress(Exception):
                e.add_note(
                    f'The page says:\n{page.locator("body").inner_text()[:3000]}\nThe browser'
                    ' complains:\n' + '\n'.join(page.errors)
                )
            raise
        finally:
            browser.close()
