"""Who may call what, as a page for people: `python -m infrastructure.access` writes docs/access.md.

Made from the routes' own declarations, so that nobody keeps it. With `--check` it writes nothing
and fails when the page is not the current one. Must not know what any route does.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from chalicelib.api.blueprints import BLUEPRINTS
from chalicelib.api.shell import PUBLIC, Route
from chalicelib.domain.callers import CHECKOUT_SCOPES, GROUP_SCOPES, MEMBER_SCOPES, Scope

PATH = Path(__file__).parents[1] / "docs" / "access.md"

MEMBER, STRANGER = "member", "stranger"
STAFF: Mapping[str, frozenset[Scope]] = GROUP_SCOPES
CALLERS = ("anonymous", MEMBER, STRANGER, "checkout", *STAFF)
"""The columns: `member` asks about itself, `stranger` is a member who asks about another one."""

SCOPES: Mapping[str, frozenset[Scope]] = {
    "anonymous": frozenset(),
    MEMBER: MEMBER_SCOPES,
    STRANGER: MEMBER_SCOPES,
    "checkout": CHECKOUT_SCOPES,
    **STAFF,
}

FOR_PEOPLE_AND: Mapping[str, Scope] = {"POST /v1/members": Scope.MEMBERS_ENROL}
"""Public for people, who sign up by themselves; everybody else needs this scope."""

YES, MASKED, NOTHING = "yes", "masked", "–"

_HEAD = """\
# Who may call what

Written by `python -m infrastructure.access` from what each route declares; `make check` fails when
it is not current, and tests/api/test_access.py calls every cell of it.

- **yes**: the call is let in. What is wrong with the request itself is told afterwards.
- **masked**: let in; of personal fields only hints are told unless `X-Access-Reason` says why.
- **401**, **403**: turned away for want of a credential, or of the scope.
- **404**: the same answer, byte for byte but its request id, as for something that does not exist.
- **–**: the address names nothing that could be somebody else's.

*member* is a member who asks about itself, *stranger* one who asks about another member.
*checkout* is an API key with every scope that a key can be given; one with fewer is answered 403
where the missing one is needed. What a checkout posted is found by the same source alone.

"""


def page(routes: tuple[Route, ...]) -> str:
    """The whole page for these routes, by path and method."""
    ordered = sorted(routes, key=lambda route: (route.path, route.method))
    head = f"| route | {' | '.join(CALLERS)} | opened by |\n|---{'|---' * (len(CALLERS) + 1)}|\n"
    return _HEAD + head + "".join(map(_row, ordered))


def rows(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each route's name on a page, with its cells by caller."""
    for line in text.splitlines():
        if line.startswith("| `"):
            name, *cells = (part.strip() for part in line.strip("| ").split(" | "))
            yield name.strip("`"), dict(zip(CALLERS, cells, strict=False))


def cell(route: Route, caller: str) -> str:
    """What a route answers to a caller, in the page's own words."""
    refused = "401" if caller == "anonymous" else "403"
    needed = FOR_PEOPLE_AND.get(route.name)
    if needed is not None and caller not in ("anonymous", MEMBER, STRANGER):
        return YES if needed in SCOPES[caller] else refused
    if route.opens is PUBLIC:
        return YES
    if SCOPES[caller].isdisjoint(route.opens):
        return refused
    if caller == STRANGER and Scope.SELF in route.opens:
        return "404" if route.parameters else NOTHING
    asks_why = route.method == "GET" and "X-Access-Reason" in route.headers
    return MASKED if asks_why and caller in STAFF else YES


def declared() -> tuple[Route, ...]:
    """Every route of the service."""
    return tuple(route for blueprint in BLUEPRINTS for route in blueprint.declared)


def _row(route: Route) -> str:
    opened = "everybody" if route.opens is PUBLIC else ", ".join(f"`{s}`" for s in route.opens)
    cells = " | ".join(cell(route, caller) for caller in CALLERS)
    return f"| `{route.name}` | {cells} | {opened} |\n"


def main(arguments: list[str]) -> int:
    """The process's exit code."""
    current = page(declared())
    if arguments == ["--check"]:
        if PATH.exists() and PATH.read_text(encoding="utf-8") == current:
            return 0
        sys.stderr.write("docs/access.md is not current: run `make access`\n")
        return 1
    PATH.write_text(current, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
