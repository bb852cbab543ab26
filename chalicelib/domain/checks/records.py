"""What must hold within a purchase or a redemption and all that happened to it.

Must not know the entries that came of them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from chalicelib.domain.applied_offers import AWARD, AppliedOffer
from chalicelib.domain.checks.breaches import Breach
from chalicelib.domain.earning import EXCUSED, GIFT, REWARD
from chalicelib.domain.purchases import (
    ClaimRecord,
    Earned,
    PurchaseEvent,
    PurchaseFile,
    ReturnRecord,
)
from chalicelib.domain.redemptions import EndedAs, RedemptionFile
from chalicelib.domain.returned import MOST_WAITING, RefusedReturn, WaitingReturn

Said = Iterator[tuple[str, str, int | None]]
"""code, what is wrong, the number of the event that is"""


def check_purchase(key: str, file: PurchaseFile, events: frozenset[int]) -> Iterator[Breach]:
    """Everything that is wrong within a purchase.

    key: of its partition. events: the numbers of what is marked as an event, 0 the purchase.
    """
    for check in (_numbers, _owners, _given, _offers, _returns, _early_returns, _taken):
        yield from (Breach(code, what, key, number) for code, what, number in check(file))
    marked = _marked(file)
    for number in range(file.next_number):
        if (number in events) != (number in marked):
            what = "A record is marked as the event of an operation, or is not, against the rule."
            yield Breach("event_wrong", what, key, number)


def _marked(file: PurchaseFile) -> set[int]:
    """The numbers of what must be an event: what made no entry, and came by itself."""
    marked = {event.number for event in file.waiting}
    if file.record.account_id is not None:
        return marked
    claims = [event.number for event in file.events if isinstance(event, ClaimRecord)]
    before = {event.number for event in file.returns if not claims or event.number < claims[0]}
    return marked | {file.record.number} | before


def _numbers(file: PurchaseFile) -> Said:
    numbers = [file.record.number, *(event.number for event in file.events)]
    if sorted(numbers) != list(range(len(numbers))):
        yield "number_missing", "What happened to a purchase is not numbered without a gap.", None


def _owners(file: PurchaseFile) -> Said:
    claims = sum(isinstance(event, ClaimRecord) for event in file.events)
    if claims + (file.record.account_id is not None) > 1:
        yield "claimed_twice", "A purchase belongs to more than one account.", None


def _given(file: PurchaseFile) -> Said:
    what = "What a record gave or took is not the sum of its parts."
    if not _adds_up(file.record.earned):
        yield "record_figures", what, file.record.number
    for event in file.events:
        match event:
            case ClaimRecord() if not _adds_up(event.earned):
                yield "record_figures", what, event.number
            case ReturnRecord() if not _took_its_parts(event):
                yield "record_figures", what, event.number


def _offers(file: PurchaseFile) -> Said:
    if not all(_is_paid_for(offer) for offer in file.record.offers):
        yield "offer_unpaid", _UNPAID, file.record.number


_UNPAID = "What an offer gave is not what its budget's counters paid."


def _is_paid_for(offer: AppliedOffer) -> bool:
    """Whether what an offer cost was taken from counters: that these hold what was not taken, says
    nothing of what was given and never asked for."""
    return offer.cost == sum(part for _, part in offer.shards)


def _adds_up(earned: Earned) -> bool:
    return earned.earned == sum(row.points for row in earned.why)


def _took_its_parts(event: ReturnRecord) -> bool:
    taken = event.taken
    return taken.taken == taken.from_pending + taken.from_available + taken.new_debt


def _returns(file: PurchaseFile) -> Said:
    if any(part.quantity < 0 or part.amount_minor < 0 for part in file.remaining()):
        yield "returned_too_much", "More of a line came back than was bought.", None
    times = Counter(event.return_id for event in file.returns)
    if any(count > 1 for count in times.values()):
        yield "returned_twice", "A return stands twice.", None


def _early_returns(file: PurchaseFile) -> Said:
    """Returns that came before their purchase were each dealt with once, and no others refused."""
    waited = [event.return_id for event in file.waiting]
    refused = [event.return_id for event in file.events if isinstance(event, RefusedReturn)]
    dealt_with = [event.return_id for event in file.waited]
    if sorted(waited) != sorted(dealt_with) or not set(refused) <= set(waited):
        yield "return_lost", "A return that came before its purchase was not dealt with once.", None
    if len(waited) > MOST_WAITING:
        yield "return_lost", "More returns came before a purchase than can wait for it.", None


_OF_SEVERAL = (EXCUSED, GIFT, REWARD, AWARD)
"""How reasons begin of what not this purchase alone gave, or what was given for something else."""


def _taken(file: PurchaseFile) -> Said:
    """By rule, returns take what was given, when all came back, and never more."""
    if file.account_id is None:
        return
    given = Counter({row.rule: row.points for row in file.earned.why})
    claimed = max((e.number for e in file.events if isinstance(e, ClaimRecord)), default=0)
    left = Counter(given)
    for event in file.returns:
        if event.number > claimed:
            for row in event.why:
                left[row.rule] += row.points
    rules = [rule for rule in left if not rule.startswith(_OF_SEVERAL)]
    if any(left[rule] < 0 for rule in rules):
        yield "taken_too_much", "Returns took more points than the purchase gave.", None
    elif file.is_gone(file.remaining()) and any(left[rule] for rule in rules):
        yield "taken_too_little", "All came back, and not all points were taken.", None


def check_spent(key: str, file: PurchaseFile, points: int) -> Iterator[Breach]:
    """What is wrong with the points that came back of those spent on a purchase. points: spent."""
    back = sum(event.taken.returned_to_member for event in file.returns)
    if back > points or (file.is_gone(file.remaining()) and back != points and _owned(file)):
        what = "What came back of the points spent on a purchase is not what was spent."
        yield Breach("spent_points_wrong", what, key)


def _owned(file: PurchaseFile) -> bool:
    return file.account_id is not None


def check_awaited(
    key: str, events: Sequence[PurchaseEvent], marked: frozenset[int]
) -> Iterator[Breach]:
    """Everything that is wrong with what stands where no purchase is: nothing but returns that wait
    for it may. marked: the numbers of what is marked as an event."""
    if not all(isinstance(event, WaitingReturn) for event in events):
        what = "Something happened to a purchase that is not there."
        yield Breach("purchase_missing", what, key)
    elif [event.number for event in events] != sorted(marked):
        yield Breach("event_wrong", "A return that waits is not marked as an event.", key)


# --- redemptions ---------------------------------------------------------------------------------


def check_redemption(key: str, file: RedemptionFile, events: frozenset[int]) -> Iterator[Breach]:
    """Everything that is wrong within a redemption.

    key: of its partition. events: what is marked as one: 0 the redemption itself, 1 its end.
    """
    record, end = file.record, file.end
    if sum(lot.points for lot in record.lots) != record.points:
        yield Breach("lots_wrong", "The lots of a redemption are not its points.", key, 0)
    if record.offer is not None and not _is_paid_for(record.offer):
        yield Breach("offer_unpaid", _UNPAID, key, 0)
    if 0 in events:
        yield Breach("event_wrong", "A redemption is marked beside its entry.", key, 0)
    if end is None:
        return
    gives_back = end.available_after is not None
    if end.returned != (record.points if gives_back else 0):
        what = "What came back of a redemption is neither all nor nothing."
        yield Breach("given_back_wrong", what, key, 1)
    if (end.ended_as is EndedAs.USED and gives_back) or (
        end.ended_as is EndedAs.CANCELLED and not gives_back
    ):
        what = "A use gave points back, or a cancellation did not."
        yield Breach("given_back_wrong", what, key, 1)
    if file.spent_on is not None and end.ended_as is not EndedAs.USED:
        yield Breach("payment_wrong", "A redemption paid for a purchase and was not used.", key, 1)
    if (1 in events) == gives_back:
        yield Breach("event_wrong", "An end is marked beside its entry, or nothing is.", key, 1)
