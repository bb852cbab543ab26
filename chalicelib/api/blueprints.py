"""Every blueprint of the service, one for each resource. `app.py` mounts them, the OpenAPI document
and the tests walk them.
"""

from chalicelib.api import payment_methods, provider_events, service
from chalicelib.api.shell import Routes

BLUEPRINTS: tuple[Routes, ...] = (
    service.routes,
    payment_methods.routes,
    provider_events.routes,
)
