"""What a member is recommended, over HTTP."""

from secrets import token_hex

from chalicelib.domain.behaviour import Behaviour
from chalicelib.domain.together import Companion, Together
from tests.api.club import TERMS, Club


def test_a_member_and_the_till_are_told_what_goes_with_what_it_bought_while_it_lets_us_look(
    club: Club,
) -> None:
    said = [TERMS, TERMS | {"purpose": "profiling"}]
    wishes = {"language": "de"}
    member_id = club.member(consents=said, preferences=wishes)["member_id"]
    ports, bought, mug = club.services.ports, f"beans-{token_hex(4)}", f"mug-{token_hex(4)}"
    kept = ports.behaviours.kept(member_id)
    assert kept is not None
    digest = Behaviour(seq=1, categories=(("cups", 2),), skus=(bought,))
    assert ports.behaviours.keep(member_id, kept, digest)
    today = club.services.clock().date()
    ports.products.keep(
        [
            Together(bought, "coffee", (Companion(mug, 7, 240),), today),
            Together(mug, "cups", (), today),
        ]
    )
    path = f"/v1/members/{member_id}/recommendations"
    own = club.client.get(path, bearer=club.own(member_id))
    assert own.status == 200, own.body
    why = f"Oft zusammen gekauft mit {bought}"
    product = {"sku": mug, "category": "cups", "bought_with": bought, "why": why}
    assert (own.json()["products"], own.json()["reason"]) == ([product], None)
    assert club.client.get(path, bearer=club.till).json() == own.json()
    support = club.token_for("ben", ["support"])
    assert club.client.get(path, bearer=support).status == 200
    assert "member.recommendations.read" in [row.action for row in club.recorded(member_id)]

    withdrawn = TERMS | {"purpose": "profiling", "granted": False}
    own_consents = {"consents": [withdrawn]}
    put = club.client.put("/v1/members/me/consents", own_consents, bearer=club.own(member_id))
    assert put.status == 200
    nothing = {"products": [], "rewards": [], "reason": "no_profiling_consent"}
    assert club.client.get(path, bearer=club.till).json() == nothing
