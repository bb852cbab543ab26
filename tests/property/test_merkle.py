"""The tree over all accounts' heads: what is in it can be proved, and nothing else."""

import hashlib
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.merkle import (
    BUCKETS,
    EMPTY,
    Leaf,
    bucket_of,
    bucket_root,
    inclusion_path,
    leaf_hash,
    newest_leaves,
    node_hash,
    place_of,
    root_above,
    root_of,
)

_hashes = st.binary(min_size=32, max_size=32)


@st.composite
def crowded(draw: st.DrawFn) -> list[Leaf]:
    """Leaves at places that often share many bits, so that branches go deep."""
    beginning = draw(st.binary(min_size=1, max_size=4))
    ends = draw(st.sets(st.binary(min_size=1, max_size=2), min_size=1, max_size=30))
    return [
        Leaf((beginning + end).ljust(32, b"\x00"), draw(st.integers(1, 9)), draw(_hashes))
        for end in sorted(ends)
    ]


def tree(leaves: list[Leaf]) -> tuple[list[list[Leaf]], list[bytes], bytes]:
    """The leaves by bucket, the buckets' roots, and the root."""
    buckets: list[list[Leaf]] = [[] for _ in range(BUCKETS)]
    for leaf in newest_leaves(leaves):
        buckets[bucket_of(leaf.place)].append(leaf)
    roots = [bucket_root(bucket) for bucket in buckets]
    return buckets, roots, root_of(roots)


def plain_root(leaves: dict[str, bytes], depth: int = 0) -> bytes:
    """The root written from the definition alone: places as texts of bits."""
    if depth >= 8 and len(leaves) == 1:
        return next(iter(leaves.values()))
    if depth >= 8 and not leaves:
        return EMPTY
    halves = [{p: h for p, h in leaves.items() if p[depth] == bit} for bit in "01"]
    left, right = (plain_root(half, depth + 1) for half in halves)
    return hashlib.sha256(b"\x01" + left + right).digest()


@given(crowded())
def test_the_root_is_that_of_the_definition(leaves: list[Leaf]) -> None:
    by_bits = {
        "".join(f"{byte:08b}" for byte in leaf.place): leaf_hash(leaf)
        for leaf in newest_leaves(leaves)
    }
    assert tree(leaves)[2] == plain_root(by_bits)


@given(crowded())
def test_every_leaf_is_proved_by_the_hashes_beside_its_way(leaves: list[Leaf]) -> None:
    buckets, roots, root = tree(leaves)
    for bucket in buckets:
        for leaf in bucket:
            assert root_above(leaf, inclusion_path(bucket, leaf.place, roots)) == root


@given(crowded(), _hashes, st.data())
def test_no_other_head_number_or_place_is_proved_by_the_same_hashes(
    leaves: list[Leaf], other: bytes, data: st.DataObject
) -> None:
    buckets, roots, root = tree(leaves)
    leaf = data.draw(st.sampled_from(newest_leaves(leaves)))
    path = inclusion_path(buckets[bucket_of(leaf.place)], leaf.place, roots)
    forged = [
        replace(leaf, head=other),
        replace(leaf, seq=leaf.seq + 1),
        replace(leaf, place=other),
    ]
    assert all(root_above(leaf, path) != root for leaf in forged if leaf not in leaves)


@given(crowded(), _hashes, st.data())
def test_a_changed_a_missing_and_a_further_hash_prove_nothing(
    leaves: list[Leaf], other: bytes, data: st.DataObject
) -> None:
    buckets, roots, root = tree(leaves)
    leaf = data.draw(st.sampled_from(newest_leaves(leaves)))
    path = inclusion_path(buckets[bucket_of(leaf.place)], leaf.place, roots)
    number = data.draw(st.integers(0, len(path) - 1))
    assert (
        path[number] == other
        or root_above(leaf, [*path[:number], other, *path[number + 1 :]]) != root
    )
    assert root_above(leaf, path[:-1]) != root
    assert root_above(leaf, path[1:]) != root
    assert root_above(leaf, [*path, other]) != root


@given(crowded(), _hashes)
def test_an_account_has_one_place_so_that_no_root_shows_two_heads_of_it(
    leaves: list[Leaf], other: bytes
) -> None:
    newer = replace(leaves[0], seq=leaves[0].seq + 1, head=other)
    assert [leaf for leaf in newest_leaves([*leaves, newer]) if leaf.place == newer.place] == [
        newer
    ]
    assert tree([*leaves, newer])[2] == tree([newer, *leaves])[2]


@given(crowded(), st.randoms(use_true_random=False))
def test_the_order_and_repetition_in_which_leaves_were_seen_do_not_count(
    leaves: list[Leaf], random: Random
) -> None:
    seen = leaves * 2
    random.shuffle(seen)
    assert tree(seen)[2] == tree(leaves)[2]


def test_a_place_without_a_leaf_has_no_proof() -> None:
    leaves = [Leaf(bytes([0]) + bytes([n]) * 31, 1, bytes(32)) for n in (1, 2)]
    buckets, roots, _ = tree(leaves)
    for place in (bytes(32), bytes([0]) + bytes([3]) * 31, bytes([7]) * 32):
        with pytest.raises(LookupError):
            inclusion_path(buckets[bucket_of(place)], place, roots)


def test_an_empty_ledger_has_a_root() -> None:
    nothing = EMPTY
    for _ in range(8):
        nothing = node_hash(nothing, nothing)
    assert tree([])[2] == nothing


def test_the_format_is_what_was_published() -> None:
    """Roots are kept for ever: whoever changes this gives the format another number."""
    leaves = [
        Leaf(place_of(f"mem_{seq:026d}"), seq, hashlib.sha256(bytes([seq])).digest())
        for seq in range(1, 256)
    ]
    published = "a2259f30ac7fd490544dca2669e29aaaa799f053a15ecf64dcf8ad3c71a6f329"
    assert tree(leaves)[2].hex() == published
