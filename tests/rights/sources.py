"""The service's own sources, taken apart: its functions and classes, and what names in them mean.

Reads text, runs nothing. Must not know AWS.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Named:
    """Something that our sources define. owner: of a method, its class; nodes: what it consists of
    (a variable's values, a function, a class)."""

    module: str
    name: str
    owner: str = ""
    nodes: tuple[ast.AST, ...] = field(default=(), compare=False, repr=False)

    @property
    def node(self) -> ast.AST:
        return self.nodes[0]


@dataclass(frozen=True, slots=True)
class Module:
    """imported: a name here -> the dotted name that it stands for. defined: what it defines."""

    name: str
    tree: ast.Module
    imported: Mapping[str, str]
    defined: Mapping[str, Named]


@cache
def modules() -> Mapping[str, Module]:
    """Every module that is packaged, by its dotted name."""
    files = [ROOT / "app.py", *sorted((ROOT / "chalicelib").rglob("*.py"))]
    return {module.name: module for module in map(_read, files)}


def _read(file: Path) -> Module:
    dotted = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    tree = ast.parse(file.read_text())
    imported = {name: target for node in ast.walk(tree) for name, target in _imports(node)}
    defined: dict[str, Named] = {}
    for node in tree.body:
        for name in _names_of(node):
            former = defined[name].nodes if name in defined else ()
            defined[name] = Named(dotted, name, nodes=(*former, node))
    return Module(dotted, tree, imported, defined)


def _imports(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.ImportFrom(module=str(source), names=names):
            yield from ((one.asname or one.name, f"{source}.{one.name}") for one in names)
        case ast.Import(names=names):
            yield from ((one.asname or one.name, one.name) for one in names)


def _names_of(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


@cache
def meant(module: str, name: str) -> Named | None:
    """What a name in a module stands for, if our sources define it; through re-exports."""
    found = modules().get(module)
    if found is None:
        return None
    if name in found.defined:
        return found.defined[name]
    if name in found.imported:
        target = found.imported[name]
        return at(target) if target != f"{module}.{name}" else None
    return _lazily_exported(found, name)


def at(dotted: str) -> Named | None:
    """What stands at a dotted name, if our sources define it."""
    home, _, name = dotted.rpartition(".")
    return meant(home, name) if home in modules() else None


def _lazily_exported(package: Module, name: str) -> Named | None:
    if "__getattr__" not in _functions_of(package.name):
        return None
    inside = [m for m in modules().values() if m.name.startswith(f"{package.name}.")]
    return next((m.defined[name] for m in inside if name in m.defined), None)


@cache
def _functions_of(module: str) -> frozenset[str]:
    nodes = ast.walk(modules()[module].tree)
    return frozenset(node.name for node in nodes if isinstance(node, Function))


def is_class(named: Named | None) -> bool:
    return named is not None and isinstance(named.node, ast.ClassDef)


@cache
def classes() -> tuple[Named, ...]:
    return tuple(n for m in modules().values() for n in m.defined.values() if is_class(n))


@cache
def methods(owner: Named) -> Mapping[str, Named]:
    """A class's methods with those of its bases, by name."""
    found: dict[str, Named] = {}
    assert isinstance(owner.node, ast.ClassDef)
    for base in owner.node.bases:
        if isinstance(base, ast.Name) and (parent := meant(owner.module, base.id)) is not None:
            found |= methods(parent) if is_class(parent) else {}
    for node in owner.node.body:
        if isinstance(node, Function):
            found[node.name] = Named(owner.module, node.name, owner.name, (node,))
    return found
