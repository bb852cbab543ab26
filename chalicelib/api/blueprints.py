"""Every blueprint of the service, one for each resource. `app.py` mounts them, the OpenAPI document
and the tests walk them.
"""

from chalicelib.api import (
    accounts,
    adjustments,
    payment_methods,
    provider_events,
    purchases,
    redemptions,
    service,
)
from chalicelib.api.shell import Routes

BLUEPRINTS: tuple[Routes, ...] = (
    service.routes,
    purchases.routes,
    redemptions.routes,
    accounts.routes,
    adjustments.routes,
    payment_methods.routes,
    provider_events.routes,
)
