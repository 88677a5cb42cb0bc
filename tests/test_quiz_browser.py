"""The quiz in a real browser, on a page opened from the disk: a click answers, and nothing is asked of the network."""
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from browser import page
from whole_game.quiz import questions, quiz

InteractiveShell.instance()


def saved(number, file):
    "The quiz as a page on the disk: what its cell displays, and nothing else."
    with capture_output() as out: quiz(number)
    body = ''.join(o.data.get('text/html', '') + (f'<script>{o.data["application/javascript"]}</script>' if 'application/javascript' in o.data else '') for o in out.outputs)
    file.write_text(f'<!doctype html><meta charset="utf-8"><title>quiz</title><body>{body}', encoding='utf-8')
    return file.as_uri()


def test_a_click_is_answered_and_nothing_leaves_the_page(tmp_path):
    q = questions('01')[0]
    with page() as p:
        p.goto(saved('01', tmp_path/'quiz.html'))
        for letter, a in zip('abc', q['answers']):
            p.get_by_text(f'{letter}) {a["answer"]}', exact=False).first.click()
            p.get_by_text(a['why'], exact=False).first.wait_for(timeout=5000)
        assert p.away == [] and p.errors == []
