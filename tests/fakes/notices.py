"""What members were told, in memory."""

import threading

from chalicelib.domain.notices import Told
from chalicelib.usecases.ports import StoreUnavailable


class FakeNotices:
    """The `Notices` port without a store.

    lose_replies: so many of the next writes that land say nevertheless that it is unknown.
    refuse_writes: so many of the next writes do not land and say that it is unknown.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[str, Told] = {}
        self.lose_replies = 0
        self.refuse_writes = 0

    def told(self, member_id: str) -> Told:
        return self._told.get(member_id, Told(member_id, 0, {}, {}))

    def keep(self, told: Told) -> bool:
        with self._lock:
            if self.refuse_writes:
                self.refuse_writes -= 1
                raise StoreUnavailable("not written, and nobody says so")
            if told.version != self.told(told.member_id).version + 1:
                return False
            self._told[told.member_id] = told
            if self.lose_replies:
                self.lose_replies -= 1
                raise StoreUnavailable("written, and nobody says so")
            return True
