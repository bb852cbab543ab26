"""A member's cards on file over HTTP: begin to add one, list, take off file.

No card number passes here: the provider's own form takes it, with the client secret.
"""

import msgspec

from chalicelib.api.points import member_exists
from chalicelib.api.shell import Answer, Call, Instant, Page, Routes, cursor_after, position_of
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import printed
from chalicelib.domain.payment_methods import CardReference
from chalicelib.domain.refusals import CardRefused, MemberNotFound, NotFound, TooManyRequests
from chalicelib.usecases.detach_card import detach_card
from chalicelib.usecases.list_cards import list_cards
from chalicelib.usecases.set_up_card import set_up_card

routes = Routes(__name__)


class CardSetupAnswer(msgspec.Struct, frozen=True):
    """client_secret: opens Stripe's form for this one card; show it to nobody but the member."""

    setup_intent_id: str
    client_secret: str


class PaymentMethodAnswer(msgspec.Struct, frozen=True):
    """A reference to a card that Stripe keeps."""

    id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    created: Instant


class PaymentMethodsAnswer(msgspec.Struct, frozen=True):
    items: list[PaymentMethodAnswer]
    next_cursor: str | None


@routes.post(
    "/v1/members/{member_id}/payment-methods/setup",
    opens=(Scope.SELF,),
    summary="Begin to put a card on file",
    answers={201: CardSetupAnswer},
    refuses=(MemberNotFound, CardRefused, TooManyRequests),
    idempotency_key=True,
    exists=member_exists,
)
def post_setup(call: Call[None, None], member_id: str) -> Answer:
    outcome = set_up_card(call.ports, call.caller, member_id, call.idempotency_key, call.now)
    setup = outcome.answer
    answer = CardSetupAnswer(setup.setup_intent_id, setup.client_secret)
    return Answer(201, answer, replayed=outcome.replayed)


@routes.get(
    "/v1/members/{member_id}/payment-methods",
    opens=(Scope.SELF,),
    summary="List the cards on file, newest first",
    query=Page,
    answers={200: PaymentMethodsAnswer},
    refuses=(MemberNotFound,),
    exists=member_exists,
)
def get_payment_methods(call: Call[None, Page], member_id: str) -> Answer:
    references = list_cards(call.ports, member_id)
    if call.query.cursor is not None:
        after = position_of(call, member_id, call.query.cursor)
        references = [reference for reference in references if _position(reference) < after]
    page = references[: call.query.limit]
    more = len(references) > len(page)
    cursor = cursor_after(call, member_id, _position(page[-1])) if more else None
    return Answer(200, PaymentMethodsAnswer([card_answer(reference) for reference in page], cursor))


@routes.delete(
    "/v1/members/{member_id}/payment-methods/{payment_method_id}",
    opens=(Scope.SELF,),
    summary="Take a card off file",
    answers={204: None},
    refuses=(MemberNotFound, NotFound),
)
def delete_payment_method(call: Call[None, None], member_id: str, payment_method_id: str) -> Answer:
    detach_card(call.ports, member_id, payment_method_id, call.now)
    return Answer(204)


def _position(reference: CardReference) -> list[str | int]:
    """Where a reference stands in the list: as `Wallet.newest_first` sorts."""
    return [printed(reference.created_at), reference.payment_method_id]


def card_answer(reference: CardReference) -> PaymentMethodAnswer:
    """A reference to a card as it is answered."""
    return PaymentMethodAnswer(
        id=reference.payment_method_id,
        brand=reference.brand,
        last4=reference.last4,
        exp_month=reference.exp_month,
        exp_year=reference.exp_year,
        created=printed(reference.created_at),
    )
