"""Erases a member, step by step, and goes on where it was broken off.

Every step is safe to repeat. First nothing can be written of the member any more, then its account
says that it was erased, then the records of what it did are redacted, then what leads to it, its
key and all that is kept of it go. What others know of it from before is gone last.
"""

from collections.abc import Callable
from datetime import datetime
from typing import assert_never

from chalicelib.domain.erasures import Erasure, ErasureStatus, Place, begun, erased, gone_on
from chalicelib.domain.identifiers import Identifier, Kind
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.likeness import alikes_of
from chalicelib.domain.members import Member
from chalicelib.domain.refusals import MemberErased, MemberNotFound, TryAgain
from chalicelib.usecases.erase_account import NotAlone, erase_account, part_household
from chalicelib.usecases.identify import identify
from chalicelib.usecases.one_person import same_person
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.redact_account import redact_page
from chalicelib.usecases.settle import RETRY_AFTER_SECONDS

DONE = "erasure.done"
WHO = "worker:erase"
BURIED = "identifiers_removed"

_MOST_ROUNDS = 5
"""How often accounts can be merged while an erasure begins before it is put off."""


def erase_member(
    ports: Ports, erasure_id: str, clock: Callable[[], datetime], keep_going: Callable[[], bool]
) -> bool:
    """Begin an erasure that is due or go on with one; True when nothing is left to do for now.

    keep_going: asked before every page of an account's entries; when it says no, whoever comes next
    goes on. Raises TryAgain and StoreUnavailable: likewise.
    """
    erasure = ports.erasures.get(erasure_id)
    if erasure is None or not erasure.is_open:
        return True
    if erasure.status is ErasureStatus.REQUESTED:
        if clock() < erasure.erase_after:
            return True
        begun_now = _begin(ports, erasure, clock())
        if begun_now is None:
            return True
        erasure = begun_now
    erasure = _erase_accounts(ports, erasure, clock())
    redacted = _redact(ports, erasure, clock, keep_going)
    if redacted is None:
        return False
    _remove(ports, redacted, clock())
    return True


# --- 1: nothing is written any more --------------------------------------------------------------


def _begin(ports: Ports, erasure: Erasure, now: datetime) -> Erasure | None:
    """The erasure under way; None where a hold keeps it, or the member is gone."""
    try:
        members = tuple(same_person(ports, erasure.member_id))
    except MemberErased:
        members = (erasure.member_id,)
    except MemberNotFound:
        return None
    after = begun(erasure, members)
    verdict = ports.eraser.begin(after, whole_milliseconds(now))
    match verdict:
        case "begun":
            return after
        case "held":
            return None
        case "stale":
            raise TryAgain(retry_after_seconds=RETRY_AFTER_SECONDS)
    assert_never(verdict)


# --- 2: the accounts say so ----------------------------------------------------------------------


def _erase_accounts(ports: Ports, erasure: Erasure, now: datetime) -> Erasure:
    """The accounts erased, with all that were merged into them until the moment they were."""
    for _ in range(_MOST_ROUNDS):
        for member_id in erasure.members:
            ports.eraser.silence(member_id)
        try:
            for member_id in erasure.members:
                _erase_one(ports, erasure.members, member_id, now)
        except NotAlone:
            erasure = _with_newcomers(ports, erasure, now)
            continue
        for member_id in erasure.members:
            ports.eraser.empty_traits(member_id)
        return erasure
    raise TryAgain(retry_after_seconds=RETRY_AFTER_SECONDS)


def _erase_one(ports: Ports, members: tuple[str, ...], member_id: str, now: datetime) -> None:
    """The account of a member, after the one that stands in for it."""
    try:
        people = same_person(ports, member_id)
    except MemberErased:
        erase_account(ports, member_id, None, now)
        return
    if not set(people) <= set(members):
        raise NotAlone
    first, *twins = people
    part_household(ports, first, now)
    erase_account(ports, first, len(twins), now)
    if member_id != first:
        erase_account(ports, member_id, None, now)


def _with_newcomers(ports: Ports, erasure: Erasure, now: datetime) -> Erasure:
    """Since it began, somebody was merged into the member, or the member into somebody: who is one
    person with any of them is erased, too."""
    found = dict.fromkeys(erasure.members)
    for member_id in erasure.members:
        try:
            found |= dict.fromkeys(same_person(ports, member_id))
        except MemberErased:
            continue
    after = begun(erasure, tuple(found))
    if ports.eraser.begin(after, whole_milliseconds(now)) != "begun":
        raise TryAgain(retry_after_seconds=RETRY_AFTER_SECONDS)
    return after


# --- 3: what they did is redacted ----------------------------------------------------------------


def _redact(
    ports: Ports,
    erasure: Erasure,
    clock: Callable[[], datetime],
    keep_going: Callable[[], bool],
) -> Erasure | None:
    """The erasure behind its last page; None where there was no time for it."""
    while erasure.place.member < len(accounts := (*erasure.members, *erasure.shared)):
        if not keep_going():
            return None
        place = erasure.place
        account_id = accounts[place.member]
        page = redact_page(ports, account_id, erasure.members, place.below, clock())
        after = Place(place.member, page.below)
        if page.below is None:
            after = Place(place.member + 1)
        erasure = _saved(ports, gone_on(erasure, after, page.counts, page.shared))
    return erasure


def _saved(ports: Ports, after: Erasure) -> Erasure:
    if not ports.eraser.save(after):
        # Another worker is at it and ahead.
        raise TryAgain(retry_after_seconds=RETRY_AFTER_SECONDS)
    return after


# --- 4: what leads to them, and what is kept -----------------------------------------------------


def _remove(ports: Ports, erasure: Erasure, now: datetime) -> None:
    if BURIED not in erasure.what:
        # Kept before a key goes: without it nobody can tell any more what there was.
        buried = sum(_bury(ports, member_id, now) for member_id in erasure.members)
        erasure = _saved(ports, gone_on(erasure, erasure.place, {BURIED: buried}))
    for member_id in erasure.members:
        _delete_customer(ports, member_id)
        ports.export_files.delete_all(member_id)
        ports.eraser.shred(member_id)
    for member_id in erasure.members:
        ports.eraser.clear(member_id)
    ports.audit.record(
        who=WHO,
        role=WHO,
        action=DONE,
        member_id=erasure.member_id,
        reason=None,
        at=now,
        subject=erasure.erasure_id,
    )
    _saved(ports, erased(erasure, whole_milliseconds(now)))


def _bury(ports: Ports, member_id: str, now: datetime) -> int:
    try:
        member = ports.people.member(member_id)
    except MemberErased:
        member = None  # another erasure of the same person has come this far
    if member is not None:
        ports.duplicates.forget(member_id, alikes_of(member))
    identifiers = _identifiers(member) if member is not None else ()
    return ports.eraser.bury(member_id, identifiers, whole_milliseconds(now))


def _identifiers(member: Member) -> tuple[Identifier, ...]:
    person = member.person
    said = {
        Kind.EMAIL: person.email,
        Kind.PHONE: person.phone,
        Kind.EXTERNAL_ID: person.external_id,
        Kind.CARD_NUMBER: member.card_number,
    }
    return tuple(identify(kind, text) for kind, text in said.items() if text is not None)


def _delete_customer(ports: Ports, member_id: str) -> None:
    customer_id = ports.payment_methods.wallet(member_id).customer_id
    if customer_id is not None:
        ports.cards.delete_customer(customer_id)
