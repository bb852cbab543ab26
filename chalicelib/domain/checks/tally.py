"""Two piles of slips that must be the same, compared in bounded memory and in any order.

Every slip of one pile is added once, every slip of the other taken away once; what is left are the
differences. They are not only noticed but named, as long as they are few: each slip goes into
three of the cells, as a number that contains its text, and a cell with nothing but one slip in it
(however often) shows which it is; taken out of its other cells, it uncovers more.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

CELLS = 60
"""Names some 20 differences at once. A cell takes about 250 bytes as text."""

_COPIES = 3
_LARGEST_TEXT = 160
_DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True)
class Difference:
    """A slip that one pile has more often. times: how often more, negative for the other pile."""

    text: str
    times: int


@dataclass(frozen=True, slots=True)
class Differences:
    """found: those that can be named. complete: whether they are all there are."""

    found: tuple[Difference, ...]
    complete: bool


class Tally:
    """What is left of the slips that were added and taken away. packed: of an earlier one."""

    def __init__(self, packed: Iterable[Iterable[int]] | None = None) -> None:
        self._cells = [list(cell) for cell in packed or ([0, 0, 0] for _ in range(CELLS))]

    def add(self, text: str, content: bytes, times: int) -> None:
        """Add a slip so many times (negative: take it away).

        text: names it; content: what else must be the same. Slips of one text with other contents
        are other slips.
        """
        self._put(_slip(text, content), times)

    def join(self, packed: Iterable[Iterable[int]]) -> None:
        """Add all that another tally holds."""
        for mine, theirs in zip(self._cells, packed, strict=True):
            for place, figure in enumerate(theirs):
                mine[place] += figure

    def packed(self) -> list[list[int]]:
        """All of it, as JSON can say it (the numbers are long)."""
        return [list(cell) for cell in self._cells]

    def differences(self) -> Differences:
        """What one pile has and the other has not."""
        rest = Tally(self._cells)
        found = list(rest._taken_out())
        return Differences(tuple(found), not any(any(cell) for cell in rest._cells))

    def _taken_out(self) -> Iterable[Difference]:
        waiting = list(range(CELLS))
        while waiting:
            slip, times = _alone(*self._cells[waiting.pop()])
            if slip:
                yield Difference(_text(slip), times)
                waiting.extend(_places(_digest(slip)))
                self._put(slip, -times)

    def _put(self, slip: int, times: int) -> None:
        digest = _digest(slip)
        check = int.from_bytes(digest[:_DIGEST_BYTES], "big")
        for place in _places(digest):
            cell = self._cells[place]
            cell[0] += times
            cell[1] += times * slip
            cell[2] += times * check


def _slip(text: str, content: bytes) -> int:
    encoded = text.encode()
    if len(encoded) > _LARGEST_TEXT:  # still told apart, though no longer named
        encoded = hashlib.sha256(encoded).hexdigest().encode()
    # The leading one keeps what follows at its length.
    return int.from_bytes(b"\1" + hashlib.sha256(content).digest()[:_DIGEST_BYTES] + encoded, "big")


def _bytes(slip: int) -> bytes:
    return slip.to_bytes((slip.bit_length() + 7) // 8, "big")


def _text(slip: int) -> str:
    return _bytes(slip)[1 + _DIGEST_BYTES :].decode(errors="replace")


def _digest(slip: int) -> bytes:
    return hashlib.sha256(_bytes(slip)).digest()


def _places(digest: bytes) -> list[int]:
    """One cell in each third of them."""
    third = CELLS // _COPIES
    return [
        copy * third + int.from_bytes(digest[8 + 4 * copy : 12 + 4 * copy], "big") % third
        for copy in range(_COPIES)
    ]


def _alone(times: int, slips: int, checks: int) -> tuple[int, int]:
    """The slip that is alone in a cell and how often, (0, 0) where there is none or several."""
    if not times or slips % times or slips // times <= 0:
        return 0, 0
    slip = slips // times
    check = int.from_bytes(_digest(slip)[:_DIGEST_BYTES], "big")
    return (slip, times) if checks == times * check else (0, 0)
