"""What staff wrote of an offer, read and checked against the program, rewards and segments there
are: everything that is wrong, at once.
"""

from dataclasses import dataclass, replace

from chalicelib.domain.conditions import Condition
from chalicelib.domain.offer_checks import problems_of
from chalicelib.domain.offers import Offer, RewardPrice
from chalicelib.domain.refusals import FieldError, InvalidContent
from chalicelib.domain.rewards import Reward
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.read_audience import read_audience


@dataclass(frozen=True, slots=True)
class DraftOffer:
    """An offer as it was written. offer: without its audience; audience: as JSON, None for
    everybody. errors: what was found wrong while it was read."""

    offer: Offer
    audience: object | None = None
    errors: tuple[FieldError, ...] = ()


def checked_offer(ports: Ports, draft: DraftOffer) -> Offer:
    """The offer that a draft describes, with its audience, whose segments are inlined as they are
    now. Raises InvalidContent, Conflict without a program."""
    program = ports.programs.active()
    errors = [*draft.errors, *problems_of(draft.offer, program, _reward(ports, draft.offer))]
    audience: Condition | None = None
    if draft.audience is not None:
        try:
            audience = read_audience(ports, draft.audience, "/audience")
        except InvalidContent as refusal:
            errors += refusal.errors
    if errors:
        raise InvalidContent(errors=errors)
    return replace(draft.offer, audience=audience)


def problems_now(ports: Ports, offer: Offer) -> list[FieldError]:
    """What has become wrong with an offer since it was written."""
    return problems_of(offer, ports.programs.active(), _reward(ports, offer))


def _reward(ports: Ports, offer: Offer) -> Reward | None:
    if not isinstance(offer.effect, RewardPrice):
        return None
    return ports.rewards.get(offer.effect.reward_id)
