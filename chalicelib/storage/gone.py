"""That a member is going, or gone: one item that every write of the member's items looks for.

An erasure puts it before it deletes anything. Whoever writes an item below `M#<member>`, or a lead
to the member, does so in a transaction that looks for it: what is written is there before the
erasure looks for what there is, or it is never written. Must not know how a member is erased.
"""

from collections.abc import Sequence

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.refusals import MemberErased
from chalicelib.storage import keys
from chalicelib.storage.tables import PeopleItem
from chalicelib.storage.writing import Absent, Cancelled, Delete, Put, Update, transact


class GoneItem(PeopleItem, discriminator="gone"):
    """at: since when. It stays for ever, and says nothing else."""

    at = UnicodeAttribute()


def still_here(member_id: str) -> Absent:
    """Write the rest only as long as nobody has begun to erase the member; for `transact`.

    A failed check (its place in `Cancelled.absent`) means MemberErased.
    """
    return Absent(GoneItem, keys.member(member_id), keys.GONE)


def transact_for(
    member_id: str,
    puts: Sequence[Put] = (),
    updates: Sequence[Update] = (),
    deletes: Sequence[Delete] = (),
    absent: Sequence[Absent] = (),
) -> None:
    """`transact`, only as long as nobody has begun to erase the member; two write units more.

    Raises MemberErased, which goes before every other failed condition; Cancelled without this
    check in it; StoreUnavailable.
    """
    try:
        transact(puts, updates, deletes, [still_here(member_id), *absent])
    except Cancelled as cancelled:
        if cancelled.absent[0]:
            raise MemberErased from cancelled
        cancelled.absent = cancelled.absent[1:]
        raise
