"""One change of a member as one transaction: what is put, and what a failed condition means."""

from collections.abc import Iterator

from chalicelib.domain.codes import Code
from chalicelib.domain.identifiers import Kind
from chalicelib.domain.names import Namer
from chalicelib.domain.traits import packed_traits
from chalicelib.storage.audiences import reach_writes
from chalicelib.storage.freshness_items import change_of
from chalicelib.storage.gone import transact_for
from chalicelib.storage.ledger_items import TraitsItem, entry_item, traits_item
from chalicelib.storage.people_items import (
    CodeItem,
    IdentifierItem,
    PreferencesItem,
    ProfileItem,
    SignUpItem,
    code_item,
    consent_item,
    identifier_item,
    joined_item,
    preferences_item,
    profile_item,
    subject_item,
)
from chalicelib.storage.reading import get
from chalicelib.storage.sealed_fields import Seal
from chalicelib.storage.tables import PeopleItem
from chalicelib.storage.writing import Cancelled, Delete, Put, transact
from chalicelib.usecases.ports import PeopleWrite, Saved, Taken, TraitsChange

ANYWAY = PeopleItem.pk.does_not_exist() | PeopleItem.pk.exists()
"""A code replaces whatever was sent before; every other put has a condition."""


def run(namer: Namer, write: PeopleWrite, seal: Seal | None, key: Put | None) -> Saved:
    """Write all of it, or say in the port's order what stood in the way. Raises MemberErased.

    seal: the member's, where the write has something to seal; key: where it is a new member's.
    """
    reach, left = reach_writes(write.member_id, write.reach) if write.reach else ([], [])
    own = [*_sealed(write, seal, key), *_unsealed(namer, write), *reach]
    claims = [Put(identifier_item(namer, held, write.member_id)) for held in write.claims]
    releases = [
        Delete(identifier_item(namer, held, write.member_id), IdentifierItem.m == write.member_id)
        for held in write.releases
    ]
    spent = [Delete(code_item(code), CodeItem.d == code.digest) for code in _spent(write)]
    try:
        if write.opened is not None:
            # Somebody new: an account that was erased has its first entry already.
            transact([*own, *claims], deletes=[*releases, *spent, *left])
        else:
            fresh = [change_of(write.member_id, write.freshness)] if write.freshness else []
            gone = [*releases, *spent, *left]
            transact_for(write.member_id, [*own, *claims], updates=fresh, deletes=gone)
    except Cancelled as cancelled:
        if any(cancelled.puts[: len(own)]) or any(cancelled.deletes[: len(releases)]):
            return "stale"
        if any(cancelled.deletes):
            return "code_spent"
        return _taken(write, cancelled, len(own))
    return "saved"


def _sealed(write: PeopleWrite, seal: Seal | None, key: Put | None) -> Iterator[Put]:
    if key is not None:
        yield key
    if write.member is not None and seal is not None:
        first = write.member.version == 1
        follows = None if first else ProfileItem.n == write.member.version - 1
        yield Put(profile_item(write.member, seal), follows)
    if write.preferences is not None and seal is not None:
        first = write.preferences.version == 1
        follows = None if first else PreferencesItem.n == write.preferences.version - 1
        yield Put(preferences_item(write.preferences, seal), follows)


def _unsealed(namer: Namer, write: PeopleWrite) -> Iterator[Put]:
    for record in write.consents:
        yield Put(consent_item(write.member_id, record))
    if write.traits is not None:
        yield _put_of_traits(write.member_id, write.traits)
    if write.opened is not None:
        yield Put(entry_item(write.opened))
    if write.joined is not None:
        # Only a sign-up that still waits holds sealed fields.
        yield Put(joined_item(write.joined), SignUpItem.f.exists())
    for code in write.codes:
        yield Put(code_item(code), ANYWAY)
    for held in write.claims:
        if held.kind is Kind.SUBJECT:
            # Nobody else remembers which tokens lead to the member.
            yield Put(subject_item(namer, held, write.member_id), ANYWAY)


def _put_of_traits(member_id: str, change: TraitsChange) -> Put:
    """Traits in the place of those before them. What the member buys stays beside them, but for one
    that lets nobody look at it any more. Put, not updated: who writes the ledger may not."""
    item = traits_item(member_id, change.after)
    if change.before is None:
        return Put(item)
    beside = get(TraitsItem, item.pk, item.sk)
    bought = beside.b if beside is not None else None
    item.b = bought if change.after.profiling else None
    stands = TraitsItem.b == bought if bought is not None else TraitsItem.b.does_not_exist()
    return Put(item, (TraitsItem.d == packed_traits(change.before)) & stands)


def _spent(write: PeopleWrite) -> Iterator[Code]:
    if write.spent is not None:
        yield write.spent


def _taken(write: PeopleWrite, cancelled: Cancelled, own: int) -> Taken:
    for held, raw in zip(write.claims, cancelled.existing[own:], strict=True):
        if raw is not None:
            return Taken(held.kind, raw["m"]["S"])
    raise AssertionError("a write was cancelled and nothing stands in its way")
