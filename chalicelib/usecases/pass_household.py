"""The household of an owner who is erased passes to who has shared it longest, with all that is in
it: what the erasure writes for that, beside its own entry.

In that one transaction the owner's account is left empty, the heir's is as the owner's was, and who
else shares it is led to the heir. So nobody finds it in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.account import Account
from chalicelib.domain.entries import Entry, EntryKind, Why
from chalicelib.domain.instants import printed
from chalicelib.domain.merging import Move, net, pass_on
from chalicelib.domain.refusals import MemberErased
from chalicelib.usecases.current import Current, as_of_one_now, own_head
from chalicelib.usecases.heirs import PASS
from chalicelib.usecases.ports import Head, OperationRecord, Ports, StoreUnavailable

FOLLOW = "household_followed"
"""The record of one who goes on sharing it with the heir."""


@dataclass(frozen=True, slots=True)
class Passed:
    """owner: the account as the entries leave it, on its own."""

    owner: Current
    records: tuple[OperationRecord, ...] = ()
    entries: tuple[Entry, ...] = ()


def sharers_of(ports: Ports, owner: Head) -> list[Head]:
    """The accounts of who shares an owner's, who joined first before. Raises StoreUnavailable where
    somebody has left since the owner's was read."""
    try:
        return [own_head(ports, one) for one in owner.entry.account().household]
    except MemberErased as erased:
        raise StoreUnavailable("who shared an account was a moment ahead of it") from erased


def pass_household(
    ports: Ports, owner: Head, sharers: Sequence[Head], cause: str, now: datetime
) -> Passed:
    """What is written to let the household be another's: of those whose account is not frozen, who
    joined first; nothing where nobody shares the account.

    cause: under which the owner's account is written to besides. Raises AlreadyWritten.
    """
    if not sharers:
        [at] = as_of_one_now(ports, [(owner, cause)], now)
        return Passed(at)
    heir = next((one for one in sharers if not one.frozen), sharers[0])
    rest = [one for one in sharers if one is not heir]
    name = ports.namer.name(PASS, owner.entry.account_id, str(owner.entry.seq))
    heads = [(one, causes.of_operation(PASS, name)) for one in (heir, *rest)]
    before, after, *others = as_of_one_now(ports, [(owner, cause), *heads], now)
    return _passed(ports, before, after, others, name)


def _passed(
    ports: Ports, owner: Current, heir: Current, others: Sequence[Current], name: str
) -> Passed:
    left, taken = _entries(owner, heir, others, causes.of_operation(PASS, name))
    told: dict[str, int | str | None] = {
        "to": heir.account_id,
        "at": printed(taken[-1].at),
        "owner_seq": taken[-1].seq,  # from here on it is the household's
    }
    first = {**told, "from": owner.account_id, "points": net(owner.account)}
    records = [OperationRecord(PASS, name, {}, first)]
    led: list[Entry] = []
    for one in others:
        follows = ports.namer.name(FOLLOW, name, one.account_id)
        records.append(OperationRecord(FOLLOW, follows, {}, {**told, "from": one.account_id}))
        led += _led(one, heir.account_id, follows)
    return Passed(owner.then(left), tuple(records), (*led, *taken, *left))


def _entries(
    owner: Current, heir: Current, others: Sequence[Current], cause: str
) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """What leaves the owner with nothing, and the heir with everything."""
    rest = tuple(one.account_id for one in others)
    twins = owner.account.sharers - places((heir.head, *(one.head for one in others)))
    pair = pass_on(owner.account, heir.account, rest, twins)
    points, kind = net(owner.account), EntryKind.MERGE
    left = owner.entries(pair.source, kind=kind, cause=cause, why=(Why(Move.PASSED, -points, 0),))
    # Its tier was reached when the owner's was, and it must happen however full it is.
    taken = replace(heir, account=owner.account).entries(
        _with_its_review(pair.target, heir.head),
        kind=kind,
        cause=causes.other_side(cause),
        why=(Why(Move.PASSED, points, 0),),
        must=True,
    )
    return left, taken


def _with_its_review(account: Account, head: Entry) -> Account:
    """A review goes on, under a name among the heir's: what was asked for in another of its reviews
    must not count for this one."""
    review = account.under_review
    if review is None:
        return account
    return replace(account, under_review=replace(review, behind=head.seq))


def places(sharers: Sequence[Entry]) -> int:
    """How many accounts an owner's stands in for because of them: theirs, and those that were
    merged into theirs."""
    return sum(1 + one.account().sharers for one in sharers)


def _led(one: Current, heir_id: str, name: str) -> tuple[Entry, ...]:
    """What leads one who goes on sharing to the heir."""
    return one.entries(
        replace(one.account, moved_to=heir_id),
        kind=EntryKind.MERGE,
        cause=causes.of_operation(FOLLOW, name),
        why=(Why(Move.PASSED, 0, 0),),
    )
