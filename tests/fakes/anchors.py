"""The roots of the days in memory, and somebody who signs them."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from chalicelib.domain.merkle import Leaf
from chalicelib.domain.roots import Signature, SignedRoot
from chalicelib.usecases.ports.roots import Bucket


class FakeAnchors:
    """The ports `Roots` and `Anchors`: writes once, forgets nothing.

    seals: the numbers of the buckets that it was asked to keep, in their order.
    """

    def __init__(self) -> None:
        self.published: dict[date, SignedRoot] = {}
        self.seals: list[int] = []
        self.pages: dict[date, dict[tuple[int, tuple[Leaf, ...]], None]] = {}
        self._begun: dict[date, datetime] = {}
        self._trees: dict[date, dict[int, Bucket]] = {}
        self._leaves: dict[Bucket, list[Leaf]] = {}

    def root(self, day: date) -> SignedRoot | None:
        return self.published.get(day)

    def roots(self, before: date | None, limit: int) -> list[SignedRoot]:
        days = sorted((day for day in self.published if not before or day < before), reverse=True)
        return [self.published[day] for day in days[:limit]]

    def buckets(self, day: date) -> dict[int, Bucket]:
        return dict(self._trees.get(day, {}))

    def leaves(self, bucket: Bucket) -> list[Leaf]:
        return list(self._leaves.get(bucket, []))

    def begun(self) -> tuple[date, datetime] | None:
        return max(self._begun.items(), default=None)

    def begin(self, day: date, at: datetime) -> None:
        self._begun.setdefault(day, at)

    def note(self, day: date, page: int, leaves: Sequence[Leaf]) -> None:
        self.pages.setdefault(day, {})[page, tuple(leaves)] = None

    def noted(self, day: date) -> Iterator[Leaf]:
        for _, leaves in self.pages.get(day, {}):
            yield from leaves

    def seal(self, day: date, number: int, root: bytes, leaves: Sequence[Leaf]) -> Bucket:
        self.seals.append(number)
        bucket = Bucket(root, len(leaves))
        self._leaves.setdefault(bucket, list(leaves))
        return self._trees.setdefault(day, {}).setdefault(number, bucket)

    def publish(self, signed: SignedRoot) -> SignedRoot:
        return self.published.setdefault(signed.root.day, signed)


class FakeSigner:
    """The port `Signer` without a key. signed: what it vouched for, oldest first."""

    def __init__(self) -> None:
        self.signed: list[bytes] = []

    def sign(self, text: bytes) -> Signature:
        self.signed.append(text)
        return Signature("key", "NONE", "-----", hashlib.sha256(text).digest())
