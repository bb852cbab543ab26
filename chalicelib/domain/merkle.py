"""One hash over the newest entries of all accounts, and short proofs that an account's is in it.

A binary trie: an account's place is SHA-256 of its id, whose bits say left or right from the top.
The top eight levels are always there and lead to 256 buckets; below, a branch that holds one leaf
is that leaf. So an account has one place in a root, and no root can show two heads of it. Leaves
and nodes are told apart as in RFC 6962. Knows no dates, no signatures, no storage.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.domain.names import length_prefixed

BUCKET_BITS = 8
BUCKETS = 2**BUCKET_BITS
EMPTY = hashlib.sha256(b"").digest()
"""Stands for a branch without a leaf."""

_LEAF, _NODE = b"\x00", b"\x01"


@dataclass(frozen=True, slots=True)
class Leaf:
    """An account's newest entry. place: where the account is (32 bytes), in place of its id."""

    place: bytes
    seq: int
    head: bytes


def place_of(account_id: str) -> bytes:
    """Where an account stands in every root."""
    return hashlib.sha256(length_prefixed("stampbook/place", account_id)).digest()


def bucket_of(place: bytes) -> int:
    """The bucket of a place, 0 to 255."""
    return place[0]


def newest_leaves(leaves: Iterable[Leaf]) -> list[Leaf]:
    """One leaf for each place, the newest, in the order of their places."""
    newest: dict[bytes, Leaf] = {}
    for leaf in leaves:
        known = newest.get(leaf.place)
        if known is None or leaf.seq > known.seq:
            newest[leaf.place] = leaf
    return [newest[place] for place in sorted(newest)]


def bucket_root(leaves: Sequence[Leaf]) -> bytes:
    """The root of a bucket's leaves, which are in the order of their places, one a place."""
    return _branch_root(leaves, 0, len(leaves), BUCKET_BITS)


def root_of(buckets: Sequence[bytes]) -> bytes:
    """The root over the roots of all buckets, in their order."""
    return _levels(buckets)[-1][0]


def inclusion_path(leaves: Sequence[Leaf], place: bytes, buckets: Sequence[bytes]) -> list[bytes]:
    """The hashes beside the way from a leaf up to the root: with them, `root_above` gives it.

    leaves: those of the leaf's bucket, as for `bucket_root`. LookupError when it is not there.
    """
    path: list[bytes] = []
    low, high, depth = 0, len(leaves), BUCKET_BITS
    while high - low > 1:
        middle = _middle(leaves, low, high, depth)
        if _bit(place, depth):
            path.append(_branch_root(leaves, low, middle, depth + 1))
            low = middle
        else:
            path.append(_branch_root(leaves, middle, high, depth + 1))
            high = middle
        depth += 1
    if low == high or leaves[low].place != place:
        raise LookupError("no leaf at this place")
    return path[::-1] + _beside_bucket(buckets, bucket_of(place))


def root_above(leaf: Leaf, path: Sequence[bytes]) -> bytes:
    """The root that a leaf and the hashes beside its way up lead to."""
    reached = leaf_hash(leaf)
    for depth, beside in zip(reversed(range(len(path))), path, strict=True):
        pair = (beside, reached) if _bit(leaf.place, depth) else (reached, beside)
        reached = node_hash(*pair)
    return reached


def leaf_hash(leaf: Leaf) -> bytes:
    """What stands for a leaf in the tree."""
    fields = length_prefixed(leaf.place, str(leaf.seq), leaf.head)
    return hashlib.sha256(_LEAF + fields).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """What stands for two branches."""
    return hashlib.sha256(_NODE + left + right).digest()


def _branch_root(leaves: Sequence[Leaf], low: int, high: int, depth: int) -> bytes:
    """The root of leaves[low:high], which agree in the first `depth` bits of their places."""
    if low == high:
        return EMPTY
    if high - low == 1:
        return leaf_hash(leaves[low])
    middle = _middle(leaves, low, high, depth)
    left = _branch_root(leaves, low, middle, depth + 1)
    return node_hash(left, _branch_root(leaves, middle, high, depth + 1))


def _middle(leaves: Sequence[Leaf], low: int, high: int, depth: int) -> int:
    """Where the leaves begin whose bit at this depth is 1."""
    return bisect_left(leaves, 1, low, high, key=lambda leaf: _bit(leaf.place, depth))


def _levels(buckets: Sequence[bytes]) -> list[list[bytes]]:
    """The buckets' roots, and the levels of nodes above them up to the one root."""
    if len(buckets) != BUCKETS:
        raise ValueError(f"{BUCKETS} buckets, not {len(buckets)}")
    levels = [list(buckets)]
    while len(levels[-1]) > 1:
        pairs = zip(levels[-1][::2], levels[-1][1::2], strict=True)
        levels.append([node_hash(left, right) for left, right in pairs])
    return levels


def _beside_bucket(buckets: Sequence[bytes], bucket: int) -> list[bytes]:
    return [level[bucket >> up ^ 1] for up, level in enumerate(_levels(buckets)[:-1])]


def _bit(place: bytes, depth: int) -> int:
    return place[depth // 8] >> 7 - depth % 8 & 1
