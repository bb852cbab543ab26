"""Every blueprint of the service, one for each resource. `app.py` mounts them, the OpenAPI document
and the tests walk them.
"""

from chalicelib.api import (
    accounts,
    adjustments,
    consents,
    imports,
    keys,
    members,
    payment_methods,
    preferences,
    profiles,
    program,
    program_plans,
    provider_events,
    purchases,
    redemptions,
    rewards,
    roots,
    service,
)
from chalicelib.api.shell import Routes

BLUEPRINTS: tuple[Routes, ...] = (
    service.routes,
    members.routes,
    profiles.routes,
    preferences.routes,
    consents.routes,
    purchases.routes,
    redemptions.routes,
    accounts.routes,
    roots.routes,
    adjustments.routes,
    program.routes,
    program_plans.routes,
    rewards.routes,
    keys.routes,
    imports.routes,
    payment_methods.routes,
    provider_events.routes,
)
