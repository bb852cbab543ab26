"""That an account's head is under the root of a day: what it takes to check it without us."""

from dataclasses import dataclass
from datetime import date

from chalicelib.domain.merkle import BUCKETS, bucket_of, inclusion_path, place_of
from chalicelib.domain.refusals import NotInRoot
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.read_roots import read_root


@dataclass(frozen=True, slots=True)
class Inclusion:
    """seq, head: the account's newest entry as the root counts it. path: the hashes beside the way
    from its leaf up to the root."""

    day: date
    seq: int
    head: bytes
    bucket: int
    path: tuple[bytes, ...]


def prove_inclusion(ports: Ports, account_id: str, day: date | None) -> Inclusion:
    """An account's proof in the root of a day, None for the newest: its own bucket is read, and the
    top of the tree. Raises NotFound without such a root, NotInRoot."""
    root = read_root(ports, day).root
    place = place_of(account_id)
    number = bucket_of(place)
    tree = ports.roots.buckets(root.day)
    leaves = ports.roots.leaves(tree[number])
    leaf = next((leaf for leaf in leaves if leaf.place == place), None)
    if leaf is None:
        raise NotInRoot(root.day.isoformat())
    path = inclusion_path(leaves, place, [tree[n].root for n in range(BUCKETS)])
    return Inclusion(root.day, leaf.seq, leaf.head, number, tuple(path))
