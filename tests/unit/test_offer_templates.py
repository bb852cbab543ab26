"""What docs/offers.md and the demo show can be sent as it stands."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chalicelib.api.offer_documents import draft_of
from chalicelib.api.offer_models import OfferBody
from chalicelib.domain.condition_reading import read_condition
from chalicelib.domain.facts import facts_declared
from chalicelib.domain.offer_checks import problems_of
from chalicelib.domain.offer_terms import asks_for, gives
from chalicelib.domain.offers import ChallengeKind, Occasion, RewardPrice
from infrastructure.local.demo_offers import REGULARS_ARE, offers
from infrastructure.local.demo_shop import PROGRAM, REWARDS

PAGE = Path(__file__).parents[2] / "docs" / "offers.md"
TEMPLATES = [
    json.loads(block) for block in re.findall(r"```json\n(.+?)```", PAGE.read_text(), re.DOTALL)
]
REWARD_IDS = {key: f"rwd_{key}" for key in REWARDS}
DEMO = [msgspec.to_builtins(document) for document in offers(REWARD_IDS, "seg_regulars").values()]


@pytest.mark.parametrize("document", [*TEMPLATES, *DEMO], ids=lambda document: document["name"])
def test_nothing_is_wrong_with_an_offer_that_is_shown(document: dict[str, Any]) -> None:
    draft = draft_of(msgspec.convert(document, OfferBody))
    reward = None
    if isinstance(draft.offer.effect, RewardPrice):
        wanted = draft.offer.effect.reward_id
        key = wanted.removeprefix("rwd_") if wanted != "rwd_..." else "concert-ticket"
        reward = replace(REWARDS[key], reward_id=wanted)
    assert draft.errors == ()
    assert problems_of(draft.offer, PROGRAM, reward) == []
    if draft.audience is not None:
        read_condition(draft.audience, facts_declared(PROGRAM))
    read_condition(REGULARS_ARE, facts_declared(PROGRAM))
    for language in ("en", "de"):
        assert gives(draft.offer, language, "A cup")
        assert "{" not in "".join(asks_for(draft.offer, PROGRAM, language))


def test_there_is_a_template_for_every_occasion_and_kind_of_challenge() -> None:
    bodies = [msgspec.convert(document, OfferBody) for document in TEMPLATES]
    assert {body.occasion for body in bodies} == set(Occasion)
    assert {body.challenge.kind for body in bodies if body.challenge} >= set(ChallengeKind) - {
        ChallengeKind.COUNT
    }
