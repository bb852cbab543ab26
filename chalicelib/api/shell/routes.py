"""A Chalice Blueprint whose routes are declared, checked and answered in one way."""

from collections.abc import Callable
from typing import TypeVar, Unpack

from chalice.app import Blueprint, CORSConfig

from chalicelib.api.shell.call import Answer
from chalicelib.api.shell.route import Declaration, Route
from chalicelib.api.shell.serving import handler

View = TypeVar("View", bound=Callable[..., Answer])

CORS = CORSConfig(
    allow_headers=[
        "Authorization",
        "Content-Type",
        "Idempotency-Key",
        "If-Match",
        "X-Access-Reason",
        "X-Request-Id",
    ],
    expose_headers=["ETag", "Idempotent-Replayed", "Retry-After", "X-Request-Id"],
    max_age=600,
)


class Routes(Blueprint):
    """The routes of one resource: `routes = Routes(__name__)`, then `@routes.post(...)`.

    Each decorator takes the fields of Route and hands back the view as it was, so that it stays
    typed and can be called in tests.
    """

    def __init__(self, import_name: str) -> None:
        super().__init__(import_name)
        self.module = import_name
        self.declared: list[Route] = []

    def get(self, path: str, **declaration: Unpack[Declaration]) -> Callable[[View], View]:
        """Declare a GET."""
        return self._declare("GET", path, declaration)

    def post(self, path: str, **declaration: Unpack[Declaration]) -> Callable[[View], View]:
        """Declare a POST."""
        return self._declare("POST", path, declaration)

    def put(self, path: str, **declaration: Unpack[Declaration]) -> Callable[[View], View]:
        """Declare a PUT."""
        return self._declare("PUT", path, declaration)

    def patch(self, path: str, **declaration: Unpack[Declaration]) -> Callable[[View], View]:
        """Declare a PATCH."""
        return self._declare("PATCH", path, declaration)

    def delete(self, path: str, **declaration: Unpack[Declaration]) -> Callable[[View], View]:
        """Declare a DELETE."""
        return self._declare("DELETE", path, declaration)

    def _declare(self, method: str, path: str, declaration: Declaration) -> Callable[[View], View]:
        def register(view: View) -> View:
            route = Route(method=method, path=path, view=view, **declaration)
            self.declared.append(route)
            # No content types for Chalice: it lets a missing one pass, the reader does not.
            chalice_route = self.route(path, methods=[method], cors=CORS, content_types=[])
            chalice_route(handler(route))
            return view

        return register
