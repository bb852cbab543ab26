"""The routes of the application, each resource's module loaded when one of its paths is asked for.

A function that has just started answers one request: loading the models of every other route first
would let that caller wait for them. Whoever looks at the table as a whole (the package, the local
server, tests) loads them all. Knows no resource.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from threading import RLock
from typing import Any

from chalice.app import Blueprint

Entries = dict[str, Any]
"""By method, what Chalice knows of a route."""


class RouteTable(Mapping[str, Entries]):
    """Stands in for `Chalice.routes`.

    homes: the modules that declare a path's routes, each in its `routes`. A hint: a path that is
    not there, or not all of it, is looked for in `everything`. register: puts a blueprint's routes
    into this table.
    """

    def __init__(
        self,
        homes: Mapping[str, Sequence[str]],
        everything: Callable[[], Iterable[Blueprint]],
        register: Callable[[Blueprint], None],
    ) -> None:
        self._homes = homes
        self._everything = everything
        self._register = register
        self._entries: defaultdict[str, Entries] = defaultdict(dict)
        self._registered: set[Blueprint] = set()
        self._ready: set[str] = set()
        self._complete = False
        self._loading = RLock()
        self._busy = False  # registering, which asks for paths itself, in the thread that loads

    def __getitem__(self, path: str) -> Entries:
        self._load(path)
        return self._entries[path]

    def __contains__(self, path: object) -> bool:
        self._load(path)
        return path in self._entries

    def __iter__(self) -> Iterator[str]:
        self._load(None)
        return iter(self._entries)

    def paths(self) -> Iterable[str]:
        """Every path, without loading what declares it where that is known."""
        return self._homes or self

    def __len__(self) -> int:
        self._load(None)
        return len(self._entries)

    def _load(self, path: object) -> None:
        """Load what declares this path; everything, where nobody has said what does."""
        if self._complete or path in self._ready:
            return
        with self._loading:
            if self._busy:
                return
            self._busy = True
            try:
                self._add_all(path)
            finally:
                self._busy = False

    def _add_all(self, path: object) -> None:
        if isinstance(path, str) and path in self._homes:
            for home in self._homes[path]:
                self._add(import_module(home).routes)
            self._ready.add(path)
        else:
            for blueprint in self._everything():
                self._add(blueprint)
            self._complete = True

    def _add(self, blueprint: Blueprint) -> None:
        if blueprint not in self._registered:
            self._registered.add(blueprint)
            self._register(blueprint)
