"""Payment methods: retrieve, list, update, detach. Once detached, never used again."""

from infrastructure.local.stripe_double import refused
from infrastructure.local.stripe_double.objects import Json
from infrastructure.local.stripe_double.work import Work


def retrieve(work: Work, method_id: str) -> Json:
    """A payment method, attached or not."""
    held = work.state.payment_methods.get(method_id)
    if held is None:
        raise refused.missing("PaymentMethod", method_id, "payment_method")
    return held


def list_all(work: Work) -> Json:
    """The payment methods of the customer that the parameters name, newest first."""
    customer_id = work.text("customer")
    if customer_id is None:
        raise refused.missing_parameter("customer")
    return _page(work, customer_id, "/v1/payment_methods")


def list_of_customer(work: Work, customer_id: str) -> Json:
    """The payment methods of one customer, newest first."""
    return _page(work, customer_id, f"/v1/customers/{customer_id}/payment_methods")


def _page(work: Work, customer_id: str, url: str) -> Json:
    work.customer(customer_id, "customer")
    type_ = work.text("type")
    held = work.state.payment_methods.values()
    rows = [method for method in held if method["customer"] == customer_id]
    return work.page_of([row for row in rows if type_ in (None, row["type"])], url)


def update(work: Work, method_id: str) -> Json:
    """Another expiry or other metadata for an attached payment method."""
    held = retrieve(work, method_id)
    if held["customer"] is None:
        raise refused.Refused(
            400,
            "You must save this PaymentMethod to a customer before you can update it.",
        )
    changes = work.params.get("card") or {}
    if not all(str(value).isdigit() for value in changes.values()):
        raise refused.invalid_parameter("card", "Invalid integer")
    before: Json = {}
    for name in ("exp_month", "exp_year"):
        if name in changes:
            before[name] = held["card"][name]
            held["card"][name] = int(changes[name])
    held["metadata"].update(work.metadata())
    work.tell("payment_method.updated", held, {"card": before} if before else {})
    return held


def detach(work: Work, method_id: str) -> Json:
    """Take a payment method from its customer, for ever."""
    held = retrieve(work, method_id)
    customer_id = held["customer"]
    if customer_id is None:
        raise refused.Refused(
            400,
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible.",
        )
    held["customer"] = None
    work.state.spent[method_id] = True
    work.tell("payment_method.detached", held, {"customer": customer_id})
    return held


def attach(work: Work, held: Json, customer_id: str) -> None:
    """What a setup that succeeded does."""
    if held["customer"] != customer_id:
        held["customer"] = customer_id
        work.tell("payment_method.attached", held, {"customer": None})
