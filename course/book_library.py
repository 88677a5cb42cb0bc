"""The library page of the book: every module of whole_game with what it exports, from the modules
themselves and the comments beside their parameters (fastcore's docments)."""

import importlib
import inspect
import pkgutil
from types import SimpleNamespace

from fastcore.docments import docments

from course.common import Complaint


def is_public(name):
    "Whether a module belongs on the page: not the private ones, and not the exercises' checks."
    parts = name.split('.')
    return not any(part.startswith(('_', 'exercises')) for part in parts)


def modules(package='whole_game'):
    "The names of a package's public modules, those of its sub-packages too, in order."
    importlib.import_module('whole_game.backbone')  # keeps fastai's warnings away
    found = pkgutil.walk_packages(importlib.import_module(package).__path__, f'{package}.')
    return sorted(module.name for module in found if is_public(module.name))


class Written(str):
    "A default as the page writes it."

    __repr__ = str.__str__


def default(value):
    "A parameter's default: as Python writes it, or by its name, or `...`."
    written = repr(value)
    return Written(getattr(value, '__name__', '...') if written.startswith('<') else written)


def brackets(thing):
    "The parameters of a function or class as one writes them, without types."
    try:
        signature = inspect.signature(thing)
    except ValueError:  # some classes made in C cannot say
        return ''
    shown = []
    for name, parameter in signature.parameters.items():
        parameter = parameter.replace(annotation=parameter.empty)
        if parameter.default is not parameter.empty:
            parameter = parameter.replace(default=default(parameter.default))
        if name != 'self':
            shown.append(parameter)
    return str(inspect.Signature(shown))


def entry(kind, name, thing):
    comments = docments(thing, returns=False, args_kwargs=True)
    comments.pop('self', None)
    return SimpleNamespace(
        kind=kind,
        name=name,
        brackets='' if kind == 'property' else brackets(thing),
        doc=inspect.cleandoc(thing.__doc__),
        parameters=[(word, ' '.join(said.split())) for word, said in comments.items() if said],
    )


def methods(cls):
    "The public methods and properties of a class, those it was given afterwards (`@patch`), too."
    for name, found in vars(cls).items():
        kind = 'property' if isinstance(found, property) else 'method'
        found = found.fget if kind == 'property' else getattr(cls, name)
        if inspect.isroutine(found) and found.__doc__ and not name.startswith('_'):
            yield entry(kind, f'{cls.__name__}.{name}', found)


def entries(module):
    "What a module exports and documents: functions, classes, and after each class its methods."
    found = []
    for name in getattr(module, '__all__', []):
        thing = getattr(module, name)
        if inspect.isfunction(thing) and thing.__doc__:
            found.append(entry('function', name, thing))
        elif inspect.isclass(thing) and thing.__doc__:
            found += [entry('class', name, thing), *methods(thing)]
    return found


def library(package='whole_game'):
    "Each public module that exports something: its name, what it is for, its entries."
    found = []
    for name in modules(package):
        module = importlib.import_module(name)
        if listed := entries(module):
            found.append(SimpleNamespace(name=name, doc=module.__doc__ or '', entries=listed))
    if not found:
        raise Complaint(
            f'The library page would be empty: no module of {package} exports anything (`__all__`)'
            ' with a docstring. Run: make lib'
        )
    return found
