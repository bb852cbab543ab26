"""Events: what happened, newest first, as Stripe keeps them for 30 days."""

from infrastructure.local.stripe_double import refused
from infrastructure.local.stripe_double.objects import Json
from infrastructure.local.stripe_double.work import Work


def list_all(work: Work) -> Json:
    """Events, newest first, of one type where `type` is given."""
    type_ = work.text("type")
    rows = [row for row in work.state.events.values() if type_ in (None, row["type"])]
    return work.page_of(rows, "/v1/events")


def retrieve(work: Work, event_id: str) -> Json:
    """One event."""
    held = work.state.events.get(event_id)
    if held is None:
        raise refused.missing("event", event_id, "id")
    return held
