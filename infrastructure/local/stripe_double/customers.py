"""Customers: create, retrieve, delete."""

from infrastructure.local.stripe_double import objects, payment_methods, refused
from infrastructure.local.stripe_double.objects import Json
from infrastructure.local.stripe_double.work import Work


def create(work: Work) -> Json:
    """A new customer."""
    made = objects.customer(
        work.now,
        work.metadata(),
        name=work.text("name"),
        email=work.text("email"),
        phone=work.text("phone"),
        description=work.text("description"),
    )
    work.state.customers[made["id"]] = made
    work.tell("customer.created", made)
    return made


def retrieve(work: Work, customer_id: str) -> Json:
    """A customer, or the stub that stays of a deleted one."""
    held = work.state.customers.get(customer_id)
    if held is None:
        raise refused.missing("customer", customer_id, "id")
    return held


def delete(work: Work, customer_id: str) -> Json:
    """Delete a customer for ever; its payment methods are detached."""
    held = work.customer(customer_id, "id", 404)
    for method in list(work.state.payment_methods.values()):
        if method["customer"] == customer_id:
            payment_methods.detach(work, method["id"])
    work.tell("customer.deleted", held)
    stub = {"id": customer_id, "object": "customer", "deleted": True}
    work.state.customers[customer_id] = stub
    return stub
