"""whole_game.fields: what a field's extra lacks, and the words for it."""

import tomllib
from importlib import metadata

import pytest

from course.common import ROOT
from whole_game import doctor, fields
from whole_game.errors import CourseError

ASKED = [
    'torch>=2.9',
    'nilearn==0.14.1; extra == "medicine"',
    'pip>=20; extra == "medicine"',
    'pip>=20; extra == "text"',
]


@pytest.fixture
def installed(monkeypatch):
    "The course as it is installed, with two extras of which one lacks a package."
    versions = {'torch': '2.9', 'pip': '24.0'}

    def version(name):
        if name not in versions:
            raise metadata.PackageNotFoundError(name)
        return versions[name]

    class Known:
        get_all = lambda self, name: ['text', 'medicine']

    monkeypatch.setattr(fields, 'EXTRAS', {'text': '10', 'medicine': '14'})
    monkeypatch.setattr(fields.metadata, 'requires', lambda name: ASKED)
    monkeypatch.setattr(fields.metadata, 'metadata', lambda name: Known())
    monkeypatch.setattr(fields.metadata, 'version', version)
    return versions


def test_what_is_missing(installed):
    assert fields.missing('medicine') == ['nilearn==0.14.1']
    assert fields.missing('text') == [] and fields.needs('text') is None
    installed['nilearn'] = '0.14.1'
    assert fields.missing('medicine') == [] and fields.needs('medicine') is None


def test_another_version_may_carry_other_data(installed):
    installed['nilearn'] = '0.13.0'
    assert fields.missing('medicine') == ['nilearn==0.14.1']


def test_the_run_ends_with_the_command(installed):
    with pytest.raises(CourseError) as met:
        fields.needs('medicine')
    assert 'nilearn==0.14.1' in met.value.what and 'does not have it.' in met.value.what
    assert 'make lab WITH=medicine' in met.value.do
    assert '"whole-game[medicine]"' in met.value.do


def test_a_course_from_before_the_field(installed):
    with pytest.raises(CourseError, match='packages of gardening'):
        fields.needs('gardening')


def test_the_doctor_says_what_is_there(installed):
    state, what, do = doctor._fields()
    assert (state, do) == ('ok', '')
    assert what == 'text; not installed: medicine (make lab WITH=medicine)'
    installed['nilearn'] = '0.14.1'
    assert doctor._fields() == ('ok', 'text, medicine', '')


def test_each_field_is_an_extra_and_all_of_them_are_fields():
    extras = tomllib.loads((ROOT / 'pyproject.toml').read_text(encoding='utf-8'))['project'][
        'optional-dependencies'
    ]
    assert set(fields.EXTRAS) <= set(extras)
    assert extras['fields'] == [f'whole-game[{",".join(fields.EXTRAS)}]']
    for all_of_it in ('colab', 'dev'):
        assert any('fields' in line for line in extras[all_of_it])
