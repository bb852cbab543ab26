"""What a member has bought, over HTTP: for itself, and for staff who help it."""

import msgspec

from chalicelib.api.access_reasons import ACCESS_REASON
from chalicelib.api.points import member_exists
from chalicelib.api.purchase_answers import kept_purchase
from chalicelib.api.purchase_models import KeptPurchase
from chalicelib.api.shell import Answer, Call, Page, Routes, cursor_after, position_of
from chalicelib.domain.callers import Scope
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.refusals import MemberNotFound
from chalicelib.usecases.read_member import sees_all
from chalicelib.usecases.read_purchases import read_purchases
from chalicelib.usecases.read_statement import Before

routes = Routes(__name__)


class PurchaseHistory(msgspec.Struct, frozen=True):
    """masked: where it was bought was left out. A page may hold fewer than were asked for, and
    still be followed by others."""

    items: list[KeptPurchase]
    next_cursor: str | None
    masked: bool


@routes.get(
    "/v1/members/{member_id}/purchases",
    opens=(Scope.SELF, Scope.RECORDS_READ),
    summary="Read what a member has bought, newest first, with returns",
    query=Page,
    audited="member.purchases.read",
    answers={200: PurchaseHistory},
    refuses=(MemberNotFound,),
    headers={ACCESS_REASON: "Why support needs to know where it was bought; it is recorded."},
    exists=member_exists,
)
def get_purchases(call: Call[None, Page], member_id: str) -> Answer:
    """Of an account that is shared, the member's own purchases alone."""
    before = None
    if call.query.cursor is not None:
        seq, account_id = position_of(call, member_id, call.query.cursor)
        before = Before(int(seq), str(account_id))
    page = read_purchases(call.ports, member_id, before, call.query.limit)
    more, cursor = page.more_before, None
    if more is not None:
        cursor = cursor_after(call, member_id, [more.seq, more.account_id])
    in_full = sees_all(call.caller, call.reason)
    items = [shown_purchase(file, in_full=in_full) for file in page.purchases]
    return Answer(200, PurchaseHistory(items, cursor, not in_full), unmasked=in_full)


def shown_purchase(file: PurchaseFile, *, in_full: bool) -> KeptPurchase:
    """A purchase; where it was bought only in full: it tells where somebody goes."""
    kept = kept_purchase(file)
    return kept if in_full else msgspec.structs.replace(kept, store_id=None, external=None)
