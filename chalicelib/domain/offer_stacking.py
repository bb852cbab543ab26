"""Which of the offers that fit a purchase apply to it together. Knows only what each would give."""

from collections.abc import Sequence

from chalicelib.domain.offers import Offer

Fit = tuple[Offer, int, int]
"""An offer, its points, and the money in minor units that they are counted on."""

Beaten = tuple[Offer, str]
"""An offer that others keep from applying, and the id of the one that is named for it."""

MOST_APPLIED = 20
"""Offers that give something to one purchase: each limited one is a write in its transaction."""


def stacked(fitting: Sequence[Fit], most_beaten: int) -> tuple[list[Fit], list[Beaten]]:
    """The offers that apply, in their order, and the first of those that are beaten: by a better
    one of their group, by an exclusive one, by any that goes before an exclusive one, or by their
    number."""
    best = _best_of_groups(fitting)
    applied: list[Fit] = []
    beaten: list[Offer] = []
    for fit in sorted(fitting, key=_rank):
        stacking = fit[0].stacking
        keeps = stacking.group is None or best[stacking.group] is fit[0]
        if applied and (stacking.exclusive or applied[0][0].stacking.exclusive):
            keeps = False
        if keeps and len(applied) < MOST_APPLIED:
            applied.append(fit)
        else:
            beaten.append(fit[0])
    ids = {fit[0].offer_id for fit in applied}
    return applied, [(offer, _winner(offer, best, applied, ids)) for offer in beaten[:most_beaten]]


def _best_of_groups(fitting: Sequence[Fit]) -> dict[str, Offer]:
    """Of each group the offer that gives most; of equal ones the one of the highest priority."""
    best: dict[str, tuple[tuple[int, int, int], Offer]] = {}
    for offer, points, _ in fitting:
        if (group := offer.stacking.group) is not None:
            worth = -points, -offer.stacking.priority, offer.number
            if group not in best or worth < best[group][0]:
                best[group] = worth, offer
    return {group: offer for group, (_, offer) in best.items()}


def _rank(fit: Fit) -> tuple[int, int, int]:
    offer, points, _ = fit
    return -offer.stacking.priority, -points, offer.number


def _winner(
    offer: Offer, best: dict[str, Offer], applied: Sequence[Fit], applied_ids: set[str]
) -> str:
    """The best of its group where that one applies, else the first that does."""
    group = offer.stacking.group
    if group is not None and best[group].offer_id in applied_ids:
        return best[group].offer_id
    return applied[0][0].offer_id
