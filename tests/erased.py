"""What must be so of a scene once its member was erased, whatever happened meanwhile."""

from collections.abc import Iterator, Sequence
from typing import Any

import boto3
from pynamodb.connection import Connection

from chalicelib.domain.entries import EntryKind, first_broken
from chalicelib.domain.identifiers import Identifier, Kind
from chalicelib.domain.refusals import MemberErased, Refusal
from chalicelib.storage.tables import KeysItem, LedgerItem, PeopleItem
from chalicelib.usecases.reconcile_books import breaches_of
from tests.erasing import Scene

_Item = tuple[str, str, str]
"""Its keys, and all of it as a text."""

_STAYS = ("GONE", "ERASURE")
_NAME_IT_STILL = ("ERASURE#", "S#", "DUE#", "A#", "P#", "X#", "C#")
"""Items that may name a member who is gone by its random id."""


def complaints(scene: Scene, connection: Connection, name: str, result: object) -> Iterator[str]:
    """What is wrong with what is left. name, result: of what happened meanwhile."""
    erasure = scene.ports.erasures.get(scene.erasure_id)
    assert erasure is not None
    if isinstance(result, Exception) and not isinstance(result, Refusal):
        yield f"{name} failed with {result!r}"
    if erasure.status != "erased":
        if name != "hold" or isinstance(result, Exception):
            yield f"the erasure is {erasure.status}"
        return
    tables = (LedgerItem, PeopleItem, KeysItem)
    items = [item for one in tables for item in _items(connection, one)]
    for member_id in dict.fromkeys((scene.mia, *erasure.members)):
        yield from _kept(items, member_id)
        yield from _books(scene, member_id)
        yield from _outside(scene, member_id)
    for pk, sk, text in items:
        if scene.canary in text:
            yield f"sings: {pk} / {sk}"
    yield from _leads(scene)
    if name == "purchase":
        yield from _lost(scene, result)


def _kept(items: Sequence[_Item], member_id: str) -> Iterator[str]:
    """What is left below the member, its key among it, and what names it elsewhere."""
    own = f"M#{member_id}"
    for pk, sk, text in items:
        if pk == own and sk not in _STAYS:
            yield f"left: {pk} / {sk}"
        if pk != own and member_id in text and not pk.startswith(_NAME_IT_STILL):
            yield f"leads on: {pk} / {sk}"


def _leads(scene: Scene) -> Iterator[str]:
    address = Identifier(Kind.EMAIL, scene.world.email("mia"))
    others = Identifier(Kind.EMAIL, scene.world.email("new"))
    found = [scene.ports.people.find(one) for one in (address, others)]
    if scene.mia in found:
        yield "an address leads to it"
    if not any(scene.ports.people.is_buried(one) for one in (address, others)):
        yield "no tombstone stands"


def _books(scene: Scene, member_id: str) -> Iterator[str]:
    ports = scene.ports
    book = ports.books.account(member_id)
    assert book is not None
    entries = book.entries
    if entries[-1].kind is not EntryKind.ERASE or entries[-1].account().status != "erased":
        yield f"its account ends with {entries[-1].kind}"
    if first_broken(entries, member_id) is not None:
        yield "its chain is broken"
    named = (ports.books.caused(entry.cause) for entry in entries)
    for one in (book, *(found for found in named if found is not None)):
        yield from (f"{breach.code} in {breach.key}" for breach in breaches_of(ports, one))


def _outside(scene: Scene, member_id: str) -> Iterator[str]:
    found = boto3.client("s3").list_objects_v2(Bucket=scene.bucket, Prefix=f"export/{member_id}/")
    yield from (f"a file: {one['Key']}" for one in found.get("Contents", ()))
    customers = scene.at_stripe.customers_of(member_id)
    yield from (f"a customer: {one}" for one in customers if scene.at_stripe.is_there(one))


def _lost(scene: Scene, result: object) -> Iterator[str]:
    """A purchase counted and is gone, or it was refused and can be posted for nobody."""
    if isinstance(result, MemberErased):
        if scene.buy("late", None).replayed:
            yield "a purchase was refused and had counted"
    elif isinstance(result, Exception):
        yield f"a purchase was answered {result!r}"
    else:
        try:
            scene.buy("late", scene.mia)
            yield "a purchase that counted can be repeated"
        except MemberErased:
            return


def _items(connection: Connection, table: Any) -> list[_Item]:
    pages = connection.client.get_paginator("scan")
    found = pages.paginate(TableName=table.Meta.table_name, ConsistentRead=True)
    items = (item for page in found for item in page["Items"])
    return [(item["pk"]["S"], item["sk"]["S"], repr(item)) for item in items]
