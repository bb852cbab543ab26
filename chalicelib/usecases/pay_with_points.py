"""Redemptions that pay for a purchase: each for one, once and for ever, and found again when the
purchase comes back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.purchases import Purchase
from chalicelib.domain.redemptions import (
    EndedAs,
    RedemptionEnd,
    RedemptionFile,
    RedemptionRecord,
    SpentOn,
)
from chalicelib.domain.refusals import (
    RedemptionAlreadyEnded,
    RedemptionAlreadySpent,
    RedemptionNotFound,
)
from chalicelib.usecases.current import AlreadyWritten, Current
from chalicelib.usecases.ports import Cause, Ports
from chalicelib.usecases.whose_account import is_of


@dataclass(frozen=True, slots=True)
class Paid:
    """redemptions: that pay for a purchase. records: what links each with it, and the use of one
    that was not used yet."""

    redemptions: tuple[RedemptionRecord, ...] = ()
    records: tuple[Cause, ...] = ()


def redemptions_of(purchase: Purchase) -> Iterator[str]:
    """The ids of the redemptions that a purchase names."""
    return (tender.redemption_id for tender in purchase.tenders if tender.redemption_id is not None)


def pay_with_points(
    ports: Ports, at: Current, member_id: str, name: str, purchase: Purchase, now: datetime
) -> Paid:
    """What of a purchase is paid by redemptions of its member; one read for each of them.

    at: the member's account. name: the purchase's. Raises RedemptionNotFound (also for somebody
    else's), RedemptionAlreadySpent, RedemptionAlreadyEnded, AlreadyWritten.
    """
    files = [
        _payable(ports, at, member_id, name, redemption_id, now)
        for redemption_id in redemptions_of(purchase)
    ]
    records: list[Cause] = []
    for file in files:
        redemption_id = file.record.redemption_id
        records.append(SpentOn(redemption_id, name, at.now))
        if file.end is None:
            records.append(RedemptionEnd(redemption_id, EndedAs.USED, at.now, ended_by=name))
    return Paid(tuple(file.record for file in files), tuple(records))


def paid_with(ports: Ports, purchase: Purchase) -> tuple[RedemptionRecord, ...]:
    """The redemptions that paid for a purchase; one read for each, none where it names none."""
    files = [ports.ledger.redemption(redemption_id) for redemption_id in redemptions_of(purchase)]
    return tuple(file.record for file in files if file is not None)


def _payable(
    ports: Ports, at: Current, member_id: str, name: str, redemption_id: str, now: datetime
) -> RedemptionFile:
    file = ports.ledger.redemption(redemption_id)
    if file is None or not is_of(ports, file.record.account_id, member_id, at.account_id):
        raise RedemptionNotFound()
    if file.spent_on is not None:
        if file.spent_on.purchase == name:
            raise AlreadyWritten(name)
        raise RedemptionAlreadySpent()
    status = file.status(now)
    if status not in ("issued", EndedAs.USED):
        raise RedemptionAlreadyEnded(ended_as=status)
    return file
