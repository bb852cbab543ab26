"""How entries name the record that made them (`Entry.cause`). No caller's id is in these texts."""

from datetime import date


def of_purchase(name: str, number: int) -> str:
    """The purchase itself or what happened to it; they are numbered together."""
    return f"purchase:{name}:{number}"


def name_of_purchase(cause: str) -> str:
    """What stands for the purchase that a cause names. IndexError where it names none."""
    return cause.split(":")[1]


def of_redemption(redemption_id: str) -> str:
    return f"redemption:{redemption_id}"


def of_redemption_end(redemption_id: str) -> str:
    return f"redemption:{redemption_id}:end"


def of_operation(kind: str, name: str) -> str:
    return f"{kind}:{name}"


def of_expiry(day: date) -> str:
    """What has expired by a day: no record made it, the calendar did."""
    return f"expiry:{day.isoformat()}"


def other_side(cause: str) -> str:
    """What an operation between two accounts is called in the one that points go to: no two entries
    name the same cause."""
    return f"{cause}:other"


def operation_of(cause: str) -> str:
    """The operation that a cause names, whichever of its sides."""
    return cause.removesuffix(":other")
