"""The gifts of offers to who was brought and to who brought it, after the first purchase that is
kept. What the program itself gives for it is in `reward_referral.py`; both can be.

The first purchase is the one that leaves one purchase in the account: what came back before has
counted back. Where the two are perhaps one person, the gifts are held for a review.
"""

from datetime import datetime

from chalicelib.domain.entries import Entry
from chalicelib.domain.live_offers import LiveOffer
from chalicelib.domain.offer_times import in_its_time
from chalicelib.domain.offers import Occasion
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.refusals import MemberNotFound
from chalicelib.usecases.current import standing_in
from chalicelib.usecases.give_gift import Gift, give_gift
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.reward_referral import are_alike, brought_by, purchase_of

_OCCASIONS = (Occasion.WAS_BROUGHT, Occasion.BROUGHT)


def give_for_bringing(ports: Ports, entry: Entry, now: datetime) -> None:
    """Give both sides what live offers give for a friend's first purchase, if this is it.

    entry: of kind `earn`. Raises TryAgain, StoreUnavailable.
    """
    offers = _live(ports, now)
    if not offers or entry.account().lifetime.purchases != 1:
        return
    file = purchase_of(ports, entry)
    if file is None or file.is_gone(file.remaining()) or file.member_id is None:
        return
    friend = file.member_id
    referrer = brought_by(ports, friend)
    if referrer is None:
        return
    try:
        held = _asks_for_a_look(ports, friend, referrer)
    except MemberNotFound:
        return  # one of them is gone, or never was
    for ready in offers:
        _give(ports, ready, file, (friend, referrer), held=held, now=now)


def _give(
    ports: Ports,
    ready: LiveOffer,
    file: PurchaseFile,
    members: tuple[str, str],
    *,
    held: bool,
    now: datetime,
) -> None:
    offer, (friend, referrer) = ready.offer, members
    if file.record.purchase.amount_minor < offer.basket.minimum_minor:
        return
    if offer.occasion is Occasion.WAS_BROUGHT:
        give_gift(ports, friend, Gift(offer.offer_id, "", held), now)
    else:
        give_gift(ports, referrer, Gift(offer.offer_id, friend, held), now)


def _asks_for_a_look(ports: Ports, friend: str, referrer: str) -> bool:
    accounts = {standing_in(ports, one).entry.account_id for one in (friend, referrer)}
    return len(accounts) == 1 or are_alike(ports, (friend, referrer))


def _live(ports: Ports, now: datetime) -> list[LiveOffer]:
    return [
        ready
        for occasion in _OCCASIONS
        for ready in ports.offers.live().on(occasion)
        if in_its_time(ready.offer, now)
    ]
