"""What staff can make of an offer: from one version to the next, and who has to look at it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.offer_life import (
    MOST_PAUSES,
    approved,
    archived,
    ended,
    fixed_since_launch,
    in_force_after,
    is_done_with,
    launched,
    paused,
    rejected,
    replaced,
    with_pauses,
)
from chalicelib.domain.offers import (
    BonusPoints,
    Budget,
    Challenge,
    ChallengeKind,
    Multiplier,
    Occasion,
    Offer,
    OfferStatus,
    OfferText,
    Pause,
    RewardPrice,
)
from chalicelib.domain.program import EarningRate, Limits, Program
from chalicelib.domain.refusals import Conflict, SecondPersonRequired
from chalicelib.storage.offer_documents import encoded_pauses

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
PROGRAM = Program(
    1,
    "Coffee",
    "Europe/Berlin",
    "EUR",
    EarningRate(1, 100),
    limits=Limits(offer_without_approval_minor=10_000),
    thousand_points_minor=5_000,
)
DRAFT = Offer("off_1", 7, 1, "Double", Multiplier(200), {}, budget=Budget("points", 2_000))
COSTLY = replace(DRAFT, budget=Budget("points", 2_001))


def live(draft: Offer = DRAFT) -> Offer:
    """The offer, launched by Mia, and approved by Ben where that is needed."""
    begun = launched(draft, "mia", PROGRAM, NOW)
    return approved(begun, "ben", NOW) if begun.status is not OfferStatus.LAUNCHED else begun


@pytest.mark.parametrize(
    ("budget", "status"),
    [
        (Budget("points", 2_000), OfferStatus.LAUNCHED),
        (Budget("points", 2_001), OfferStatus.AWAITING_APPROVAL),
        (Budget("minor", 10_000), OfferStatus.LAUNCHED),
        (Budget("minor", 10_001), OfferStatus.AWAITING_APPROVAL),
        (None, OfferStatus.AWAITING_APPROVAL),
    ],
)
def test_what_costs_more_than_the_program_lets_one_person_spend_awaits_another(
    budget: Budget | None, status: OfferStatus
) -> None:
    asked = launched(replace(DRAFT, budget=budget), "mia", PROGRAM, NOW)
    assert asked.status is status
    assert (asked.version, asked.asked_by is None) == (2, status is OfferStatus.LAUNCHED)
    assert (asked.launched_at == NOW) == (status is OfferStatus.LAUNCHED)
    assert launched(asked, "ben", PROGRAM, LATER) is asked, "again is no other launch"


def test_nobody_decides_on_what_they_asked_for() -> None:
    asked = launched(COSTLY, "mia", PROGRAM, NOW)
    with pytest.raises(SecondPersonRequired):
        approved(asked, "mia", LATER)
    with pytest.raises(SecondPersonRequired):
        rejected(asked, "mia")
    begun = approved(asked, "ben", LATER)
    assert (begun.status, begun.launched_at, begun.since) == (OfferStatus.LAUNCHED, LATER, LATER)
    assert (begun.asked_by, begun.approved_by) == (None, "ben")
    assert approved(begun, "ben", LATER) is begun
    with pytest.raises(Conflict):
        approved(begun, "eve", LATER)
    assert rejected(asked, "ben").status is OfferStatus.DRAFT


def test_pausing_and_resuming_keep_the_first_launch() -> None:
    asleep = paused(live(), LATER)
    assert paused(asleep, LATER) is asleep
    awake = launched(asleep, "mia", PROGRAM, LATER)
    assert (awake.launched_at, awake.since) == (NOW, LATER)
    over = ended(awake, LATER)
    assert (over.status, over.ended_at) == (OfferStatus.ENDED, LATER)
    assert ended(over, LATER + timedelta(days=1)) is over


def test_pauses_are_written_down_from_pausing_to_resuming_or_the_end() -> None:
    hours = [NOW + timedelta(hours=hour) for hour in range(6)]
    asleep = paused(live(), hours[1])
    assert asleep.pauses == (Pause(hours[1]),)
    changed = replaced(asleep, replace(DRAFT, name="Other"), PROGRAM, hours[2])
    assert changed.pauses == asleep.pauses
    again = paused(launched(changed, "mia", PROGRAM, hours[2]), hours[3])
    assert again.pauses == (Pause(hours[1], hours[2]), Pause(hours[3]))
    over = ended(again, hours[4])
    assert over.pauses == (Pause(hours[1], hours[2]), Pause(hours[3], hours[4]))
    costly = replaced(asleep, replace(DRAFT, budget=None), PROGRAM, hours[2])
    asked = launched(costly, "mia", PROGRAM, hours[3])
    assert asked.pauses == (Pause(hours[1]),), "it gives nothing while it awaits an approval"
    assert approved(asked, "ben", hours[4]).pauses == (Pause(hours[1], hours[4]),)


def test_an_offer_can_be_paused_so_often_and_is_ended_or_changed_beyond_it() -> None:
    offer = live()
    for _ in range(MOST_PAUSES):
        offer = launched(paused(offer, LATER), "mia", PROGRAM, LATER)
    with pytest.raises(Conflict, match="paused_too_often"):
        paused(offer, LATER)
    assert ended(offer, LATER).status is OfferStatus.ENDED
    assert len(encoded_pauses(offer.pauses)) < 4_000


def test_tills_go_by_the_terms_in_force_last_whatever_was_written_while_it_was_at_rest() -> None:
    begun = live()
    richer = replaced(paused(begun, LATER), replace(DRAFT, budget=None), PROGRAM, LATER)
    assert richer.approved_by is None
    told = in_force_after(begun, richer)
    assert told == replace(begun, status=OfferStatus.PAUSED, pauses=(Pause(LATER),))
    over = in_force_after(told, ended(richer, LATER))
    assert (over.budget, over.version, over.closes_at) == (begun.budget, begun.version, LATER)
    resumed = approved(launched(richer, "mia", PROGRAM, LATER), "ben", LATER)
    assert in_force_after(told, resumed) == resumed
    assert in_force_after(None, richer) == richer


def test_a_pause_that_an_older_release_ended_lasted_until_the_offer_took_effect_again() -> None:
    since = NOW + timedelta(hours=2)
    resumed = replace(live(), since=since)
    assert with_pauses(resumed, (Pause(NOW),)).pauses == (Pause(NOW, since),)
    over = replace(resumed, status=OfferStatus.ENDED, ended_at=LATER)
    assert with_pauses(over, (Pause(NOW),)).pauses == (Pause(NOW, LATER),)
    asleep = replace(resumed, status=OfferStatus.PAUSED)
    assert with_pauses(asleep, (Pause(NOW),)).pauses == (Pause(NOW),)


def test_an_offer_is_done_with_when_nothing_that_was_bought_before_its_end_can_still_come() -> None:
    over = ended(live(), NOW)
    assert not is_done_with(over, NOW)
    assert is_done_with(over, LATER)
    assert not is_done_with(live(), LATER)
    earned = replace(over, effect=RewardPrice("rwd_1", 0), occasion=Occasion.BIRTHDAY)
    assert not is_done_with(earned, LATER), "what was earned is redeemed at any time"


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (lambda: paused(DRAFT, NOW), "offer_draft"),
        (lambda: ended(DRAFT, NOW), "offer_draft"),
        (lambda: archived(live()), "offer_launched"),
        (lambda: launched(archived(DRAFT), "mia", PROGRAM, NOW), "offer_archived"),
        (lambda: launched(ended(live(), NOW), "mia", PROGRAM, NOW), "offer_ended"),
        (lambda: replaced(ended(live(), NOW), DRAFT, PROGRAM, NOW), "offer_ended"),
        (lambda: paused(replace(live(), ended_at=NOW), LATER), "offer_ended"),
        (lambda: approved(DRAFT, "ben", NOW), "not_awaiting_approval"),
    ],
)
def test_a_step_that_does_not_follow_is_a_conflict_that_says_why(step: Any, reason: str) -> None:
    with pytest.raises(Conflict) as refused:
        step()
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({"name": "Other"}, True),
        ({"texts": {"en": OfferText("Other")}}, True),
        ({"budget": Budget("points", 2_001)}, True),
        ({"effect": Multiplier(900)}, True),  # its budget is what it can cost
        ({"budget": Budget("points", 3_001)}, False),
        ({"budget": None}, False),
    ],
)
def test_an_approval_holds_for_what_costs_no_more_than_was_seen(
    change: dict[str, Any], holds: bool
) -> None:
    begun = live(replace(DRAFT, budget=Budget("points", 3_000)))
    draft = replace(begun, **change)
    if holds:
        after = replaced(begun, draft, PROGRAM, LATER)
        assert (after.status, after.approved_by) == (OfferStatus.LAUNCHED, "ben")
        assert (after.since, after.launched_at, after.version) == (LATER, NOW, begun.version + 1)
        return
    with pytest.raises(Conflict, match="approval_needed_pause_first"):
        replaced(begun, draft, PROGRAM, LATER)
    asleep = replaced(paused(begun, LATER), draft, PROGRAM, LATER)
    assert (asleep.status, asleep.approved_by) == (OfferStatus.PAUSED, None)
    asked = launched(asleep, "mia", PROGRAM, LATER)
    assert asked.status is OfferStatus.AWAITING_APPROVAL
    assert rejected(asked, "ben").status is OfferStatus.PAUSED


def test_without_a_budget_an_approval_holds_for_words_alone() -> None:
    begun = live(replace(DRAFT, budget=None))
    assert replaced(begun, replace(begun, name="Other"), PROGRAM, LATER).approved_by == "ben"
    with pytest.raises(Conflict, match="approval_needed_pause_first"):
        replaced(begun, replace(begun, effect=Multiplier(300)), PROGRAM, LATER)


def test_what_is_changed_while_it_awaits_approval_is_asked_for_anew() -> None:
    asked = launched(COSTLY, "mia", PROGRAM, NOW)
    after = replaced(asked, replace(asked, name="Other"), PROGRAM, LATER)
    assert (after.status, after.asked_by) == (OfferStatus.DRAFT, None)


def test_whom_a_launched_offer_is_for_stays() -> None:
    begun = live()
    other = replace(DRAFT, holdout_percent=5, budget=Budget("minor", 2_000))
    wrong = {error.pointer: error.code for error in fixed_since_launch(begun, other)}
    assert wrong == {"/holdout_percent": "not_changeable", "/budget": "not_changeable"}
    assert fixed_since_launch(DRAFT, other) == []
    assert fixed_since_launch(begun, replace(DRAFT, budget=Budget("points", 9))) == []


def test_what_a_challenge_asks_and_gives_stays_as_members_have_begun_it() -> None:
    fifth = Challenge(ChallengeKind.COUNT, 5)
    begun = live(replace(DRAFT, effect=BonusPoints(100), challenge=fifth))
    other = replace(begun, effect=BonusPoints(50), challenge=replace(fifth, goal=3))
    wrong = {error.pointer for error in fixed_since_launch(begun, other)}
    assert wrong == {"/challenge", "/effect"}
