"""Annotations enforced: every annotated function of `jaxwigner` is checked by beartype while the tests run.

`install()` comes before the first import of the package. It decorates functions and methods as they are compiled, so that the
library itself knows nothing of it. A letter in a shape («k d») is the same number in all arguments and in what is returned.

Bad input is not exempt, it is asked for more: a call that breaks the annotations must be refused by the function's own sentence
(«Argument `hbar` must be positive, but is −0.1»). Only where it is not refused does the test fail with a `BadType`.
"""

import ast
import dataclasses
import functools
import importlib.abc
import importlib.machinery
import inspect
import re
import sys
import typing

import numpy as np
from beartype import BeartypeConf
from beartype.door import is_bearable
from jaxtyping import jaxtyped

PACKAGE = "jaxwigner"
SENTENCE = re.compile(r"Argument `[^`]+` must ")
# An int is good for a float, and both for a complex number (PEP 484).
CONF = BeartypeConf(is_pep484_tower=True)
CONTEXT = jaxtyped("context")  # holds nothing: each entry has letters of its own
PLAIN = inspect.Parameter.POSITIONAL_OR_KEYWORD
SEEING = []  # sets that are told which functions run, as (module, name)


class BadType(AssertionError):
    """A value that is not what an annotation says."""


def checked(function):
    """The function with its arguments and its result held against its annotations."""
    signature = inspect.signature(function)
    kinds = {name: one.kind for name, one in signature.parameters.items()}
    by_place = [name for name, kind in kinds.items() if kind is kind.POSITIONAL_OR_KEYWORD]
    plain = all(kind in (kind.POSITIONAL_OR_KEYWORD, kind.KEYWORD_ONLY) for kind in kinds.values())

    def given_to(args, kwargs):
        if plain and len(args) <= len(
            by_place
        ):  # `bind` is ten times as slow, and a test calls a thousand functions
            return dict(zip(by_place, args)) | kwargs
        return signature.bind(*args, **kwargs).arguments

    @functools.cache
    def held():
        """The annotation of each argument and what sees at once that most values fit it."""
        found = typing.get_type_hints(function, include_extras=True)
        found = {name: hint for name, hint in found.items() if hint is not typing.Any}
        every = ((name, hint, kinds.get(name, PLAIN)) for name, hint in found.items())
        return {name: (hint, _seen(hint, kind), kind) for name, hint, kind in every}

    @functools.wraps(function)
    def call(*args, **kwargs):
        for called in SEEING:
            called.add((function.__module__, function.__qualname__))
        hints = held()
        with CONTEXT:
            if wrong := _misfit(given_to(args, kwargs), hints):
                return _refused(function, *wrong, args, kwargs)
            result = function(*args, **kwargs)
            if result is not NotImplemented and (wrong := _misfit({"return": result}, hints)):
                raise BadType(_text(function, *wrong))
            return result

    return call


def _misfit(given, hints):
    """The first that does not fit: its name, its value and its annotation."""
    for name, value in given.items():
        if name in hints:
            hint, seen, kind = hints[name]
            if not (seen(value) or _fits(value, hint, kind)):
                return name, value, hint
    return None


def checked_fields(cls):
    """A dataclass whose fields are held against their annotations when it is made."""
    if not dataclasses.is_dataclass(cls):
        return cls
    make = cls.__init__
    fields = [field.name for field in dataclasses.fields(cls)]

    @functools.cache
    def held():
        hints = typing.get_type_hints(cls, include_extras=True)
        return [(name, hints[name], _seen(hints[name])) for name in fields]

    @functools.wraps(make)
    def __init__(self, *args, **kwargs):
        make(self, *args, **kwargs)
        with CONTEXT:
            for name, hint, seen in held():
                value = getattr(self, name)
                if not (seen(value) or _fits(value, hint)):
                    raise BadType(_text(cls, name, value, hint))

    cls.__init__ = __init__
    return cls


def _seen(hint, kind=PLAIN):
    """A function that is true only of values that fit; beartype's own, without the way to it, which takes longer than what it does."""
    if kind in (kind.VAR_POSITIONAL, kind.VAR_KEYWORD):
        return lambda value: False
    if type(hint) is type:
        return lambda value: isinstance(value, hint)
    try:
        from beartype.door._func import doorfunc

        prefix = inspect.signature(is_bearable).parameters["exception_prefix"].default
        factory, make = doorfunc._func_tester_factory, doorfunc.make_code_tester_check
        return factory.cache_func_checker(hint, CONF, prefix, make)
    except (
        Exception
    ):  # another beartype, or what it cannot read: `_fits` asks it when there is a value
        return lambda value: False


def _fits(value, hint, kind=PLAIN) -> bool:
    if kind is inspect.Parameter.VAR_POSITIONAL:
        return all(_is(one, hint) for one in value)
    if kind is inspect.Parameter.VAR_KEYWORD:
        return all(_is(one, hint) for one in value.values())
    return _is(value, hint)


def _is(value, hint) -> bool:
    if type(hint) is type and isinstance(value, hint):
        return True  # as beartype would say, at once
    if is_bearable(value, hint, conf=CONF):
        return True
    # A scalar of NumPy is a number and an array without axes.
    ways = (value.item(), np.asarray(value)) if isinstance(value, np.generic) else ()
    return any(is_bearable(way, hint, conf=CONF) for way in ways)


def _refused(function, name, value, hint, args, kwargs):
    """The function's own sentence, where it has one."""
    bad = BadType(_text(function, name, value, hint))
    try:
        function(*args, **kwargs)
    except Exception as error:
        if isinstance(error, ValueError) and SENTENCE.search(str(error)):
            raise error from bad
        raise bad from error
    raise bad


def _text(thing, name, value, hint) -> str:
    shape = getattr(value, "shape", "")
    described = f"{type(value).__name__}{shape} {getattr(value, 'dtype', '')}"
    return (
        f"{thing.__module__}.{thing.__qualname__}: `{name}` is annotated {hint}, but is {described}"
    )


class _Decorator(ast.NodeTransformer):
    """Adds the checks to functions of a module and methods of its classes; what is inside of a function stays as it is."""

    def visit_FunctionDef(self, node):
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [one for one in (arguments.vararg, arguments.kwarg) if one]
        if node.returns is not None or any(one.annotation for one in every):
            # The innermost decorator: it sees the function that the annotations speak of.
            node.decorator_list.append(_name("checked", node))
        return node

    def visit_ClassDef(self, node):
        self.generic_visit(node)
        node.decorator_list.insert(0, _name("checked_fields", node))
        return node


def _name(attribute, node):
    """`__import__('typed').attribute` where `node` stands; made without a parser, which thousands of functions would wait for."""
    place = {
        name: getattr(node, name)
        for name in ("lineno", "col_offset", "end_lineno", "end_col_offset")
    }
    load = ast.Load()
    module = ast.Call(
        ast.Name("__import__", load, **place), [ast.Constant("typed", **place)], [], **place
    )
    return ast.Attribute(module, attribute, load, **place)


class _Loader(importlib.machinery.SourceFileLoader):
    def exec_module(self, module):
        super().exec_module(module)
        if hasattr(module, "_in_packages"):
            # The checks around a function are as little a part of it as the library is: its programs are kept as they are for users.
            ours = module._in_packages
            module._in_packages = lambda file: file == __file__ or ours(file)

    def path_stats(self, path):
        raise OSError("compiled anew: what is checked never meets the stored bytecode")

    def source_to_code(self, data, path, *, _optimize=-1):
        tree = _Decorator().visit(ast.parse(data, path))
        return compile(tree, path, "exec", dont_inherit=True, optimize=_optimize)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] != PACKAGE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


def install() -> None:
    """Check from here on; `jaxwigner` must not have been imported."""
    if PACKAGE in sys.modules:
        raise RuntimeError("jaxwigner was imported before its annotations could be checked")
    sys.meta_path.insert(0, _Finder())
