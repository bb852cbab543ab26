"""What every blueprint uses, and nothing else: declare a route, be called, answer.

`route.py` says what can be declared, `serving.py` what happens on a call, `reader.py` how strictly
requests are read. Closes the gaps that Chalice leaves open.
"""

from chalicelib.api.shell.call import Answer, Call, Instant
from chalicelib.api.shell.cursors import Page, cursor_after, cursor_behind, id_after, position_of
from chalicelib.api.shell.mounting import mount
from chalicelib.api.shell.one_route import Gatewayless
from chalicelib.api.shell.route import PUBLIC, Route
from chalicelib.api.shell.routes import Routes

__all__ = [
    "PUBLIC",
    "Answer",
    "Call",
    "Gatewayless",
    "Instant",
    "Page",
    "Route",
    "Routes",
    "cursor_after",
    "cursor_behind",
    "id_after",
    "mount",
    "position_of",
]
