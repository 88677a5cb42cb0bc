"""`@guarded`: what a check sees, what it may change, and what the function still looks like."""

import inspect

import pytest
from fastcore.basics import patch

from whole_game.errors import CourseError
from whole_game.own.guards import guarded


def positive(who, x):
    if x <= 0:
        raise CourseError(f'{who} met {x}.')


def larger(x, step):
    return {'x': x + step}


@guarded(positive, larger)
def double(x, step=1):
    "Twice the next."
    return 2 * x


class Thing:
    @guarded(positive)
    def __init__(self, x):
        self.x = x


@patch
@guarded(positive)
def plus(self: Thing, x):
    return self.x + x


def test_a_check_sees_arguments_by_name_with_their_defaults_and_may_change_them():
    assert double(1) == double(x=1) == 4 and double(1, 2) == double(step=2, x=1) == 6


def test_a_check_is_asked_first_and_knows_who_asks():
    for call, who in (
        (lambda: double(0), 'double'),
        (lambda: Thing(x=0), 'Thing'),
        (lambda: Thing(1).plus(-1), 'Thing'),
    ):
        with pytest.raises(CourseError, match=f'{who} met'):
            call()
    assert Thing(1).plus(1) == 2


def test_arguments_that_are_missing_are_pythons_own_affair():
    with pytest.raises(TypeError, match=r"double\(\) missing 1 required positional argument: 'x'"):
        double()
    with pytest.raises(TypeError, match=r'double\(\) got an unexpected keyword argument'):
        double(1, y=2)


def test_the_function_keeps_its_name_its_words_and_its_signature():
    assert double.__name__ == 'double' and double.__doc__ == 'Twice the next.'
    assert str(inspect.signature(double)) == '(x, step=1)'
    assert 'return 2 * x' in inspect.getsource(double)
