"""An API whose gateway knows one route for everything: which of ours a request is for.

An HTTP API passes every path on under `$default`, in events of a version; a REST API has found the
route already, and its events, which name no version, stay as they are. Knows no resource.
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
    if event.get("version") != "1.0":
        return event
    asked = str(event.get("path", "")).split("/")
    fitting = [path.split("/") for path in paths if _fits(path.split("/"), asked)]
    # Without any, the one that no path of ours is: whoever looks it up finds nothing.
    chosen = min(fitting, key=_arguments, default=[EVERYTHING])
    place = {**event["requestContext"], "resourcePath": "/".join(chosen)}
    given = zip(chosen, asked, strict=False)
    arguments = {part[1:-1]: text for part, text in given if part.startswith("{")}
    return {**event, "requestContext": place, "pathParameters": arguments or None}


def _arguments(parts: list[str]) -> list[bool]:
    return [part.startswith("{") for part in parts]


def _fits(parts: list[str], asked: list[str]) -> bool:
    return len(parts) == len(asked) and all(
        given if part.startswith("{") else part == given
        for part, given in zip(parts, asked, strict=True)
    )
