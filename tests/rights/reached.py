"""What a function of ours can lead to, read from the code: an estimate, by names and annotations.

A name leads to what it stands for. A method leads to where the annotations say; where they name a
port, to every store and provider that has its methods. Must not know AWS.
"""

import ast
from collections.abc import Iterator
from functools import cache
from typing import TypeGuard

from tests.rights.sources import Function, Named, at, classes, is_class, meant, methods, modules


def reached_from(starts: list[Named]) -> set[Named]:
    """Everything that these lead to, themselves included."""
    reached: set[Named] = set()
    waiting = list(starts)
    while waiting:
        one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting.extend(leads_to(one))
    return reached


@cache
def leads_to(one: Named) -> frozenset[Named]:
    """What the text of something names."""
    found: set[Named] = set()
    for node in one.nodes:
        if isinstance(node, ast.ClassDef):
            found |= {method for name, method in methods(one).items() if name.startswith("__")}
            parts = [part for part in node.body if not isinstance(part, Function)]
            found |= set(_in(one, [*parts, *node.bases, *node.decorator_list]))
        elif isinstance(node, Function):
            found |= set(_in(one, [*node.body, *node.decorator_list]))
        else:
            found |= set(_in(one, [node]))
    return frozenset(found)


def _in(one: Named, nodes: list[ast.AST]) -> Iterator[Named]:
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        match node:
            case ast.Name(id=name):
                named = meant(one.module, name)
                if named is not None:
                    yield named
            case ast.Attribute(value=receiver, attr=name):
                yield from called_on(one, receiver, name)


def called_on(one: Named, receiver: ast.expr, name: str) -> list[Named]:
    """The functions that `receiver.name` may stand for in the text of something."""
    if isinstance(receiver, ast.Name):
        home = modules()[one.module].imported.get(receiver.id, "")
        if home in modules():
            named = meant(home, name)
            return [named] if named is not None else []
    kinds = {real for kind in kinds_of(one, receiver) for real in _behind(kind)}
    return [methods(kind)[name] for kind in kinds if name in methods(kind)]


# --- of what kind a value is ----------------------------------------------------------------------


_known: dict[tuple[Named, int], set[Named]] = {}


def kinds_of(one: Named, value: ast.expr) -> set[Named]:
    """The classes of ours that a value in the text of something may be of, or may hold."""
    place = (one, id(value))
    if place not in _known:
        _known[place] = set()  # what is asked for while it is looked for adds nothing
        _known[place] = _looked_up(one, value)
    return _known[place]


def _looked_up(one: Named, value: ast.expr) -> set[Named]:
    match value:
        case ast.Name(id="self" | "cls") if one.owner:
            own = meant(one.module, one.owner)
            return {own} if own is not None else set()
        case ast.Name(id=name):
            named = meant(one.module, name)
            if named is not None:
                return {named} if is_class(named) else _of_variable(named)
            return _of_local(one, name)
        case ast.Attribute(value=holder, attr=name):
            return {kind for held in kinds_of(one, holder) for kind in _of_field(held, name)}
        case ast.Call(func=ast.Name(id=name), args=given):
            return _of_call(one, name, given)
        case ast.Call(func=ast.Attribute(value=holder, attr=name)):
            return {k for called in called_on(one, holder, name) for k in _answered(called)}
        case ast.Subscript(value=inner) | ast.Starred(value=inner):
            return kinds_of(one, inner)
        case ast.BoolOp(values=parts) | ast.Tuple(elts=parts):
            return {kind for part in parts for kind in kinds_of(one, part)}
        case ast.IfExp(body=first, orelse=second):
            return kinds_of(one, first) | kinds_of(one, second)
    return set()


def _of_call(one: Named, name: str, given: list[ast.expr]) -> set[Named]:
    named = meant(one.module, name)
    if named is None:
        return _of_local(one, name)
    if is_class(named):
        return {named}
    # What is generic answers what it is given.
    return _answered(named) or {kind for part in given for kind in kinds_of(one, part)}


def _of_variable(named: Named) -> set[Named]:
    return {
        kind
        for node in named.nodes
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for kind in (
            _annotated(named.module, node.annotation)
            if isinstance(node, ast.AnnAssign)
            else kinds_of(named, node.value)
        )
    }


def _of_local(one: Named, name: str) -> set[Named]:
    found: set[Named] = set()
    for said in _bound(one)[0].get(name, ()):
        found |= _annotated(one.module, said)
    for given in _bound(one)[1].get(name, ()):
        found |= kinds_of(one, given)
    return found


Bound = dict[str, list[ast.expr]]


@cache
def _bound(one: Named) -> tuple[Bound, Bound]:
    """The names in a function -> how they are annotated, and what they are given."""
    said: Bound = {}
    given: Bound = {}
    for node in (inner for top in one.nodes for inner in ast.walk(top)):
        match node:
            case ast.arg(arg=name, annotation=ast.expr() as annotation):
                said.setdefault(name, []).append(annotation)
            case ast.AnnAssign(target=target, annotation=annotation):
                _note(said, target, annotation)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    _note(given, target, value)
            case (
                ast.For(target=target, iter=value)
                | ast.comprehension(target=target, iter=value)
                | ast.NamedExpr(target=target, value=value)
                | ast.withitem(context_expr=value, optional_vars=ast.expr() as target)
            ):
                _note(given, target, value)
    return said, given


def _note(bound: Bound, target: ast.expr, value: ast.expr) -> None:
    for node in ast.walk(target):
        if isinstance(node, ast.Name):
            bound.setdefault(node.id, []).append(value)


@cache
def _of_field(held: Named, name: str) -> frozenset[Named]:
    """What an object's field holds, by its class, by its constructor, or by its property."""
    assert isinstance(held.node, ast.ClassDef)
    found: set[Named] = set()
    for part in held.node.body:
        if isinstance(part, ast.AnnAssign) and ast.unparse(part.target) == name:
            found |= _annotated(held.module, part.annotation)
    known = methods(held)
    if name in known:
        found |= _answered(known[name])
    if "__init__" in known:
        made = known["__init__"]
        for node in ast.walk(made.node):
            if isinstance(node, ast.Assign):  # of several at once, each may be any of them
                targets = {ast.unparse(part) for part in _parts(node.targets)}
                found |= kinds_of(made, node.value) if f"self.{name}" in targets else set()
    return frozenset(found)


def _parts(targets: list[ast.expr]) -> Iterator[ast.expr]:
    for target in targets:
        yield from target.elts if isinstance(target, ast.Tuple) else (target,)


def _answered(called: Named) -> set[Named]:
    node = called.node
    said = node.returns if isinstance(node, Function) else None
    return _annotated(called.module, said) if said is not None else set()


def _annotated(module: str, said: ast.expr) -> set[Named]:
    """Every class of ours that an annotation names, in whatever it is wrapped."""
    found: set[Named] = set()
    for node in ast.walk(said):
        match node:
            case ast.Constant(value=str(name)) | ast.Name(id=name):
                named = meant(module, name)
                if named is not None and is_class(named):
                    found.add(named)
                elif named is not None and _names_a_type(named.node):
                    found |= _annotated(named.module, named.node.value)
    return found


def _names_a_type(node: ast.AST) -> TypeGuard[ast.Assign]:
    return isinstance(node, ast.Assign) and not isinstance(node.value, ast.Call)


@cache
def _behind(kind: Named) -> tuple[Named, ...]:
    """A class itself; of a port, every class that has its methods."""
    if not _is_port(kind):
        return (kind,)
    wanted = set(methods(kind))
    return tuple(
        other
        for other in classes()
        if other != kind and not _is_port(other) and wanted <= _offered(other)
    )


def _is_port(kind: Named) -> bool:
    assert isinstance(kind.node, ast.ClassDef)
    return "Protocol" in map(ast.unparse, kind.node.bases)


@cache
def _offered(kind: Named) -> frozenset[str]:
    """A class's methods and its own variables, which stand in for properties."""
    assert isinstance(kind.node, ast.ClassDef)
    variables = (part for part in kind.node.body if isinstance(part, ast.Assign | ast.AnnAssign))
    named = (node for part in variables for node in ast.walk(part) if isinstance(node, ast.Name))
    return frozenset(methods(kind)) | {node.id for node in named}


def handler(path: str) -> list[Named]:
    """Where a function begins, by its handler: `app.app` is every view there is."""
    if path != "app.app":
        found = at(path)
        assert found is not None, path
        return [found]
    return [
        named
        for module in modules().values()
        if module.name.startswith("chalicelib.api")
        for named in module.defined.values()
    ]
