"""Who shares a member's account."""

from dataclasses import dataclass

from chalicelib.usecases.current import standing_in
from chalicelib.usecases.join_household import JOIN
from chalicelib.usecases.ports import OperationRecord, Ports

_NEWEST = 25
"""Entries that are looked through for a join. An account that has moved has no more behind it than
changes of its status; of one that has left, only a join of not long ago still matters."""


@dataclass(frozen=True, slots=True)
class Sharer:
    """given_name: None where there is none to tell."""

    member_id: str
    given_name: str | None
    is_owner: bool


@dataclass(frozen=True, slots=True)
class Household:
    """members: the owner first; empty where nothing is shared. most: how many can share."""

    members: tuple[Sharer, ...]
    most: int


def read_household(ports: Ports, member_id: str) -> Household:
    """Who shares the account of a member with it. Raises MemberNotFound."""
    account = standing_in(ports, member_id).entry
    most = ports.programs.active().household_members
    others = account.account().household
    if not others:
        return Household((), most)
    ids = (account.account_id, *others)
    return Household(tuple(_sharer(ports, ids, one) for one in ids), most)


def _sharer(ports: Ports, ids: tuple[str, ...], member_id: str) -> Sharer:
    member = ports.people.member(member_id)
    given = member.person.name.given if member is not None else None
    return Sharer(member_id, given, is_owner=member_id == ids[0])


def last_join(ports: Ports, member_id: str) -> OperationRecord | None:
    """The record of how a member came to the household that it joined last; one read, however long
    its history. None where it never did, or long ago."""
    prefix = f"{JOIN}:"
    for entry in ports.ledger.entries(member_id, None, _NEWEST):
        if entry.cause.startswith(prefix):
            return ports.ledger.operation(JOIN, entry.cause.removeprefix(prefix))
    return None
