"""The roots of the days and the trees below them, in the table `anchors`: only ever put where
nothing stands. Knows where they lie, not what they prove.

Leaves lie packed, 72 bytes each: place, number (8 bytes), head. No account's id is among them.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError

from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.merkle import Leaf, newest_leaves
from chalicelib.domain.roots import FORMAT, Root, Signature, SignedRoot
from chalicelib.storage import keys
from chalicelib.storage.faults import failed_condition, store_errors
from chalicelib.storage.reading import all_of, each_of, get, newest_of
from chalicelib.storage.tables import AnchorItem, IntAttribute
from chalicelib.usecases.ports import StoreNewer
from chalicelib.usecases.ports.roots import Bucket

LEAF_BYTES = 72
LEAVES_AN_ITEM = 4_000
"""288 KB, of the 400 that an item may have."""

_NOTED_STAYS = timedelta(days=14)


class RootItem(AnchorItem, discriminator="root"):
    format = IntAttribute()
    hash = BinaryAttribute(legacy_encoding=False)
    accounts = IntAttribute()
    taken_from = UnicodeAttribute()
    taken_until = UnicodeAttribute()
    key_id = UnicodeAttribute()
    algorithm = UnicodeAttribute()
    public_key = UnicodeAttribute()
    signature = BinaryAttribute(legacy_encoding=False)

    def signed(self) -> SignedRoot:
        """The root as it was signed. StoreNewer when a newer release made it."""
        if self.format > FORMAT:
            raise StoreNewer(f"a root of format {self.format}, this release knows {FORMAT}")
        root = Root(
            date.fromisoformat(self.sk),
            self.hash,
            self.accounts,
            parsed(self.taken_from),
            parsed(self.taken_until),
        )
        return SignedRoot(
            root, Signature(self.key_id, self.algorithm, self.public_key, self.signature)
        )


class BegunItem(AnchorItem, discriminator="begun"):
    at = UnicodeAttribute()


class NotedItem(AnchorItem, discriminator="noted"):
    """Gone some days after the tree stands."""

    leaves = BinaryAttribute(legacy_encoding=False)
    ttl = IntAttribute()


class TreeItem(AnchorItem, discriminator="tree"):
    root = BinaryAttribute(legacy_encoding=False)
    leaves = IntAttribute()

    def bucket(self) -> Bucket:
        return Bucket(self.root, self.leaves)


class BucketItem(AnchorItem, discriminator="bucket"):
    leaves = BinaryAttribute(legacy_encoding=False)


class DynamoAnchors:
    """The ports `Roots` and `Anchors` over the bound table. leaves_an_item: the most of them."""

    def __init__(self, leaves_an_item: int = LEAVES_AN_ITEM) -> None:
        self._leaves_an_item = leaves_an_item

    # --- reading ----------------------------------------------------------------------------------

    def root(self, day: date) -> SignedRoot | None:
        item = get(RootItem, keys.ROOT, keys.root_day(day))
        return item.signed() if item is not None else None

    def roots(self, before: date | None, limit: int) -> list[SignedRoot]:
        start = keys.root_day(before) if before is not None else None
        return [item.signed() for item in newest_of(RootItem, keys.ROOT, limit=limit, before=start)]

    def buckets(self, day: date) -> dict[int, Bucket]:
        return {int(item.sk, 16): item.bucket() for item in all_of(TreeItem, keys.root_tree(day))}

    def leaves(self, bucket: Bucket) -> list[Leaf]:
        parts = each_of(BucketItem, keys.bucket(bucket.root)) if bucket.leaves else ()
        # Parts of two sizes may lie there, if the size was ever changed.
        return newest_leaves(leaf for item in parts for leaf in _unpacked(item.leaves))

    # --- making -----------------------------------------------------------------------------------

    def begun(self) -> tuple[date, datetime] | None:
        newest = newest_of(BegunItem, keys.ROOT_BEGUN, limit=1)
        return next(((date.fromisoformat(item.sk), parsed(item.at)) for item in newest), None)

    def begin(self, day: date, at: datetime) -> None:
        _put_once(BegunItem(keys.ROOT_BEGUN, keys.root_day(day), at=printed(at)))

    def note(self, day: date, page: int, leaves: Sequence[Leaf]) -> None:
        gone = datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00") + _NOTED_STAYS
        for text in self._packed(leaves):
            sk = keys.noted_page(page, hashlib.sha256(text).hexdigest()[:32])
            ttl = int(gone.timestamp())
            _put_once(NotedItem(keys.noted_heads(day), sk, leaves=text, ttl=ttl))

    def noted(self, day: date) -> Iterator[Leaf]:
        for item in each_of(NotedItem, keys.noted_heads(day)):
            yield from _unpacked(item.leaves)

    def seal(self, day: date, number: int, root: bytes, leaves: Sequence[Leaf]) -> Bucket:
        for part, text in enumerate(self._packed(leaves)):
            _put_once(BucketItem(keys.bucket(root), keys.bucket_part(part), leaves=text))
        # Last: what the tree names is there whole.
        sealed = TreeItem(keys.root_tree(day), keys.tree_bucket(number))
        sealed.root, sealed.leaves = root, len(leaves)
        if not _put_once(sealed):
            return self.buckets(day)[number]
        return sealed.bucket()

    def publish(self, signed: SignedRoot) -> SignedRoot:
        item = _root_item(signed)
        if not _put_once(item):
            found = self.root(signed.root.day)
            assert found is not None  # noqa: S101  # it stood in the way, and nobody removes one
            return found
        return signed

    def _packed(self, leaves: Sequence[Leaf]) -> Iterator[bytes]:
        for start in range(0, len(leaves), self._leaves_an_item):
            part = leaves[start : start + self._leaves_an_item]
            yield b"".join(leaf.place + leaf.seq.to_bytes(8, "big") + leaf.head for leaf in part)


def _unpacked(text: bytes) -> Iterator[Leaf]:
    for start in range(0, len(text), LEAF_BYTES):
        row = text[start : start + LEAF_BYTES]
        yield Leaf(row[:32], int.from_bytes(row[32:40], "big"), row[40:])


def _root_item(signed: SignedRoot) -> RootItem:
    root, signature = signed.root, signed.signature
    return RootItem(
        keys.ROOT,
        keys.root_day(root.day),
        format=FORMAT,
        hash=root.hash,
        accounts=root.accounts,
        taken_from=printed(root.taken_from),
        taken_until=printed(root.taken_until),
        key_id=signature.key_id,
        algorithm=signature.algorithm,
        public_key=signature.public_key,
        signature=signature.value,
    )


def _put_once(item: AnchorItem) -> bool:
    """Put an item where nothing stands; whether it was put. No transaction: it is one item, and a
    day's leaves are many."""
    try:
        with store_errors():
            item.save(condition=AnchorItem.pk.does_not_exist())
    except PutError as error:
        if failed_condition(error):
            return False
        raise
    return True
