"""An API whose gateway knows one route for everything: which of ours a request is for.

An HTTP API passes every path on under `$default`; a REST API has found the route already, and its
events stay as they are. Knows no resource.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from chalice.app import Chalice

from chalicelib.api.shell.route_table import RouteTable

EVERYTHING = "$default"
"""What such a gateway calls its route; no path of ours, so it is answered as an unknown one."""


class Gatewayless(Chalice):
    """A Chalice application that finds its routes itself where the gateway did not."""

    def __call__(self, event: Any, context: Any) -> Any:
        routes: Mapping[str, Any] = self.routes
        paths = routes.paths() if isinstance(routes, RouteTable) else routes
        return super().__call__(found(event, paths), context)


def found(event: Mapping[str, Any], paths: Iterable[str]) -> Mapping[str, Any]:
    """The event as a REST API would have sent it. paths: of our routes, such as `/v1/members/{id}`.

    Where a word and an argument both fit, the word does; a path that none fits stays unknown.
    """
    context = event.get("requestContext", {})
    if context.get("resourcePath") != EVERYTHING:
        return event
    asked = str(event.get("path", "")).split("/")
    fitting = [path.split("/") for path in paths if _fits(path.split("/"), asked)]
    if not fitting:
        return event
    chosen = min(fitting, key=lambda parts: [part.startswith("{") for part in parts])
    arguments = {
        part[1:-1]: given for part, given in zip(chosen, asked, strict=True) if part.startswith("{")
    }
    place = {**context, "resourcePath": "/".join(chosen)}
    return {**event, "requestContext": place, "pathParameters": arguments or None}


def _fits(parts: list[str], asked: list[str]) -> bool:
    return len(parts) == len(asked) and all(
        given if part.startswith("{") else part == given
        for part, given in zip(parts, asked, strict=True)
    )
