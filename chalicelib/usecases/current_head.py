"""The account that an operation is about to write to, as it is."""

from chalicelib.domain.refusals import MemberNotFound
from chalicelib.usecases.ports import Head, Ports


class AlreadyWritten(Exception):
    """The account's newest entry is this very operation's: an earlier try of it has landed."""


def current_head(ports: Ports, account_id: str, cause: str) -> Head:
    """The account's newest entry and traits, for an operation that would write under `cause`.

    A Query may show one item of a transaction a moment before another. Whoever finds its own entry
    and not yet its own record must not decide again from the points that it has spent itself.
    Raises MemberNotFound, AlreadyWritten.
    """
    head = ports.ledger.head(account_id)
    if head is None:
        raise MemberNotFound()
    if head.entry.cause == cause:
        raise AlreadyWritten(cause)
    return head
