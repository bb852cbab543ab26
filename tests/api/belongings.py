"""What a member has, one of each kind that an address can name, so that a stranger can ask for it.

A route that opens for members and names something new in its path needs an entry in BELONGINGS.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from secrets import token_hex

from chalicelib.domain.conditions import Leaf, Op
from chalicelib.domain.exports import Export
from chalicelib.domain.offers import Activation, BonusPoints, Offer, OfferStatus
from chalicelib.domain.payment_methods import CardReference
from chalicelib.domain.program import Transfers
from chalicelib.storage.people_items import key_item
from chalicelib.storage.writing import Cancelled, Put, transact
from chalicelib.wiring import outside
from tests.api.club import CLUB, Club
from tests.api.shop import Shop

TERMS = {
    "purposes": CLUB.purposes,
    "attributes": CLUB.attributes,
    "transfers": Transfers(most_points=1_000, most_points_a_month=1_000, cooling_off_days=7),
}
"""The program of all these tests: everything in it that members can do."""


def redemption(shop: Shop, _: Club, owner: str) -> str:
    """A redemption that is open."""
    return str(shop.redeem(owner, shop.reward(10)).json()["redemption_id"])


def transfer(shop: Shop, _: Club, owner: str) -> str:
    """Points that somebody sent, which can still be called back."""
    sent = shop.client.post(
        f"/v1/members/{owner}/transfers",
        {"to": {"member_id": shop.member()}, "points": 5},
        bearer=shop.token_for(owner),
        headers={"Idempotency-Key": token_hex(8)},
    )
    return str(sent.json()["transfer_id"])


def card(shop: Shop, _: Club, owner: str) -> str:
    """A card on file."""
    wallets, now = shop.services.ports.payment_methods, shop.services.clock()
    before = wallets.wallet(owner)
    reference = CardReference(f"pm_{token_hex(12)}", "visa", "4242", 12, 2030, None, now)
    after = replace(before, customer_id=f"cus_{token_hex(7)}", references=(reference,))
    assert wallets.save(before, after, None, now) == "saved"
    return reference.payment_method_id


def interaction(shop: Shop, _: Club, owner: str) -> str:
    """Something that the member has told us, who is given a key where it has none."""
    key = outside.vault(shop.services.settings).create_key(owner)
    with suppress(Cancelled):
        transact([Put(key_item(owner, key))])
    told = shop.client.post(
        f"/v1/members/{owner}/interactions",
        {"kind": "enquiry", "text": "When do you open?"},
        bearer=shop.token_for(owner),
        headers={"Idempotency-Key": token_hex(8)},
    )
    return str(told.json()["interaction_id"])


def offer(shop: Shop, _: Club, owner: str) -> str:
    """An offer that it can activate, and that nobody has who has no points."""
    ports, now = shop.services.ports, shop.services.clock()
    launched = Offer(
        offer_id=f"off_{token_hex(12)}",
        number=ports.offers.next_number(),
        version=1,
        name="For who has points",
        effect=BonusPoints(5),
        texts={},
        status=OfferStatus.LAUNCHED,
        audience=Leaf("available_points", Op.GTE, 1),
        activation=Activation.OPT_IN,
        launched_at=now,
        since=now,
    )
    assert ports.offers.put(launched, now) == "written"
    assert shop.account(owner)["available"] > 0
    return launched.offer_id


def export(shop: Shop, _: Club, owner: str) -> str:
    """A copy of its data that it has asked for."""
    export_id = f"exp_{token_hex(12)}"
    asked = Export(owner, export_id, shop.services.clock(), f"member:{owner}")
    assert shop.services.ports.exports.add(asked)
    return export_id


def erasure(shop: Shop, _: Club, owner: str) -> str:
    """An erasure that it has asked for."""
    asked = shop.client.delete(f"/v1/members/{owner}", bearer=shop.token_for(owner))
    return str(asked.json()["erasure_id"])


BELONGINGS: Mapping[str, Callable[[Shop, Club, str], str]] = {
    "member_id": lambda _shop, _club, owner: owner,
    "sharer_id": lambda _shop, _club, owner: owner,
    "redemption_id": redemption,
    "transfer_id": transfer,
    "interaction_id": interaction,
    "offer_id": offer,
    "payment_method_id": card,
    "export_id": export,
    "erasure_id": erasure,
}
"""A path parameter -> makes such a thing of this member's, and gives its id."""
