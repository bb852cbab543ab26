"""Whatever happens to cards at Stripe and here, in any order, with events lost, late, twice and in
one another's way: in the end our references are what Stripe holds.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from secrets import token_bytes
from typing import cast

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as run_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chalicelib import wiring
from chalicelib.domain.callers import MEMBER_SCOPES, Caller, CallerKind
from chalicelib.domain.identifiers import Identifier, Kind
from chalicelib.domain.names import Namer
from chalicelib.domain.payment_methods import HeldCard, Wallet
from chalicelib.domain.refusals import NotFound
from chalicelib.settings import Settings
from chalicelib.storage.payment_methods import DynamoPaymentMethods
from chalicelib.storage.people import DynamoPeople
from chalicelib.usecases.detach_card import detach_card
from chalicelib.usecases.ports import (
    CardEvent,
    Cards,
    PaymentMethods,
    Ports,
    StoreUnavailable,
    WalletSaved,
)
from chalicelib.usecases.receive_card_event import receive_card_event
from chalicelib.usecases.set_up_card import set_up_card
from infrastructure.local.stripe_double import Fails
from infrastructure.local.stripe_double.cards import CARDS
from infrastructure.local.stripe_double.objects import Json
from tests.api.conftest import Clock
from tests.at_stripe import AtStripe, new_member
from tests.fakes.outside import FakeVault

NAMES = ["pm_card_visa", "pm_card_mastercard", "pm_card_authenticationRequired"]
YEARS = st.integers(2030, 2033)
SOME = st.integers(min_value=0, max_value=200)
"""Picks one of what there is, by its remainder."""


class Overtaken:
    """The provider, whose answer about cards is on its way while something else happens."""

    def __init__(self, cards: Cards) -> None:
        self._cards = cards
        self.meanwhile: list[Callable[[], None]] = []

    def event(self, raw: bytes, signature: str, now: datetime) -> CardEvent:
        return self._cards.event(raw, signature, now)

    def held(self, customer_id: str) -> list[HeldCard] | None:
        answer = self._cards.held(customer_id)
        while self.meanwhile:
            self.meanwhile.pop()()
        return answer

    def __getattr__(self, name: str) -> object:
        return getattr(self._cards, name)


class Troubled:
    """The store, whose next write loses its reply (after it landed) or never lands."""

    def __init__(self, store: PaymentMethods) -> None:
        self._store = store
        self.trouble: str | None = None

    def save(
        self, before: Wallet, after: Wallet, event_id: str | None, now: datetime
    ) -> WalletSaved:
        trouble, self.trouble = self.trouble, None
        saved = None if trouble == "no write" else self._store.save(before, after, event_id, now)
        if saved is None or trouble == "no reply":
            raise StoreUnavailable("made for a test")
        return saved

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


class World:
    """Some members, Stripe, and what the service's use cases do between them."""

    def __init__(self, ports: Ports, clock: Clock, members: int) -> None:
        self.clock = clock
        self.at_stripe = AtStripe(clock)
        self.cards = Overtaken(self.at_stripe.cards())
        namer = Namer(token_bytes(32))  # so that no other world has the same cards
        self.store = Troubled(DynamoPaymentMethods(namer))
        self.ports = replace(
            ports,
            namer=namer,
            people=DynamoPeople(FakeVault(), namer),
            cards=cast(Cards, self.cards),
            payment_methods=cast(PaymentMethods, self.store),
        )
        self.members = [new_member(self.ports, clock()) for _ in range(members)]
        self.intents: list[str] = []
        self.accepted: set[str] = set()

    def set_up(self, member_id: str) -> str:
        self.clock.forward(days=1)  # a new day, a new allowance
        caller = Caller(
            CallerKind.MEMBER, f"member:{member_id}", MEMBER_SCOPES, member_id, member_id
        )
        key = f"k{len(self.at_stripe.events())}"
        setup = set_up_card(self.ports, caller, member_id, key, self.clock()).answer
        self.intents.append(setup.setup_intent_id)
        return setup.setup_intent_id

    def add_card(self, member_id: str, card: str = "pm_card_visa") -> str:
        return self.at_stripe.confirm(self.set_up(member_id), card)

    def deliver(self, event: Json) -> None:
        receive_card_event(self.ports, *self.at_stripe.signed(event), self.clock())
        self.accepted.add(event["id"])

    def newest_event(self, customer_id: str) -> Json | None:
        """The newest event that may be about a customer's cards."""
        for event in reversed(self.at_stripe.events()):
            if self.cards.event(*self.at_stripe.signed(event), self.clock()).customer_id == (
                customer_id
            ):
                return event
        return None

    def wallet(self, member_id: str) -> Wallet:
        return self.ports.payment_methods.wallet(member_id)

    def held(self, wallet: Wallet) -> set[tuple[str, str, int]]:
        return self.at_stripe.attached(wallet.customer_id) if wallet.customer_id else set()

    def assert_in_line(self, member_id: str) -> None:
        wallet = self.wallet(member_id)
        kept = {(r.payment_method_id, r.last4, r.exp_year) for r in wallet.references}
        assert kept == self.held(wallet)


class CardsConverge(RuleBasedStateMachine):
    """Steps of everybody; at the end every event has come at last."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.stripe = world.at_stripe

    def _pick(self, number: int) -> str:
        return self.world.members[number % len(self.world.members)]

    def _event(self, number: int) -> Json:
        """An event, for the most part one of the newest, of which most will follow."""
        events = self.stripe.events()
        return events[
            number % len(events) if number % 4 == 0 else -1 - number % min(len(events), 5)
        ]

    def _methods(self) -> list[str]:
        """Every payment method that was ever attached."""
        attached = self.stripe.events("payment_method.attached")
        return [event["data"]["object"]["id"] for event in attached]

    @rule(who=SOME)
    def member_begins_a_setup(self, who: int) -> None:
        self.world.set_up(self._pick(who))

    @rule(who=SOME, card=st.sampled_from(NAMES))
    def member_puts_a_card_on_file(self, who: int, card: str) -> None:
        self.world.add_card(self._pick(who), card)

    @precondition(lambda self: self.world.intents)
    @rule(which=SOME)
    def customer_answers_3d_secure(self, which: int) -> None:
        intent = self.world.intents[which % len(self.world.intents)]
        if self.stripe.client.v1.setup_intents.retrieve(intent).status == "requires_action":
            self.stripe.authenticate(intent)

    @precondition(lambda self: self._methods())
    @rule(who=SOME, which=SOME)
    def member_takes_a_card_off_file(self, who: int, which: int) -> None:
        methods = self._methods()
        member_id, method_id = self._pick(who), methods[which % len(methods)]
        known = self.world.wallet(member_id).knows(method_id)
        try:
            detach_card(self.world.ports, member_id, method_id, self.world.clock())
        except NotFound:
            assert not known
        else:
            assert known
            self.world.assert_in_line(member_id)

    @precondition(lambda self: self._methods())
    @rule(which=SOME, year=YEARS)
    def something_happens_to_a_card_at_stripe(self, which: int, year: int) -> None:
        self._change(which, year)

    def _change(self, which: int, year: int) -> None:
        """A card is renewed or, when it would end in 2030, detached; nothing for one that was."""
        methods = self._methods()
        method_id = methods[which % len(methods)]
        if self.stripe.client.v1.payment_methods.retrieve(method_id).customer is None:
            return
        if year == 2030:
            self.stripe.client.v1.payment_methods.detach(method_id)
        else:
            self.stripe.client.v1.payment_methods.update(method_id, {"card": {"exp_year": year}})

    @rule(who=SOME)
    def staff_deletes_a_customer_at_stripe(self, who: int) -> None:
        customer_id = self.world.wallet(self._pick(who)).customer_id
        if customer_id is not None and who % 4 == 0:
            found = self.stripe.client.v1.customers.retrieve(customer_id)
            if "deleted" not in found:
                self.stripe.client.v1.customers.delete(customer_id)

    @precondition(lambda self: self.stripe.events())
    @rule(which=SOME)
    def an_event_arrives(self, which: int) -> None:
        self.world.deliver(self._event(which))

    @precondition(lambda self: self._methods())
    @rule(which=SOME, card=SOME, year=YEARS)
    def a_card_changes_and_its_event_overtakes_another(
        self, which: int, card: int, year: int
    ) -> None:
        def meanwhile() -> None:
            self._change(card, year)
            self.world.deliver(self.stripe.events()[-1])

        self.world.cards.meanwhile = [meanwhile]
        self.world.deliver(self._event(which))
        self.world.cards.meanwhile = []

    @precondition(lambda self: self.stripe.events())
    @rule(which=SOME, trouble=st.sampled_from(["stripe", "no write", "no reply"]))
    def an_event_meets_trouble(self, which: int, trouble: str) -> None:
        if trouble == "stripe":
            self.stripe.double.meet(Fails(429))
        else:
            self.world.store.trouble = trouble
        with suppress(StoreUnavailable):  # answered 503: Stripe sends it again
            self.world.deliver(self._event(which))
        self.stripe.double.clear_obstacles()
        self.world.store.trouble = None

    @invariant()
    def nothing_is_amiss_once_the_newest_event_about_a_customer_was_accepted(self) -> None:
        for member_id in self.world.members:
            customer_id = self.world.wallet(member_id).customer_id
            newest = customer_id and self.world.newest_event(customer_id)
            if not newest or newest["id"] in self.world.accepted:
                self.world.assert_in_line(member_id)

    def teardown(self) -> None:
        try:
            for event in reversed(self.stripe.events()):
                self.world.deliver(event)
            for member_id in self.world.members:
                self.world.assert_in_line(member_id)
            self._everybody_is_found_by_cards_of_their_own_alone()
        finally:
            self.stripe.double.close()

    def _everybody_is_found_by_cards_of_their_own_alone(self) -> None:
        for name in NAMES:
            fingerprint = CARDS[name].fingerprint
            last4 = CARDS[name].last4
            holders = [
                member_id
                for member_id in self.world.members
                if any(row.last4 == last4 for row in self.world.wallet(member_id).references)
            ]
            found = self.world.ports.people.find(Identifier(Kind.PAYMENT_FINGERPRINT, fingerprint))
            assert found == (holders[0] if len(holders) == 1 else None)


@pytest.fixture(scope="module")
def ports(bound: Settings) -> Ports:
    return wiring.build(bound).ports


def _clock() -> Clock:
    return Clock(datetime(2026, 11, 22, 9, 30, tzinfo=UTC))


@pytest.fixture
def world(ports: Ports) -> Iterator[World]:
    made = World(ports, _clock(), members=1)
    yield made
    made.at_stripe.double.close()


def test_references_converge_to_what_stripe_holds(ports: Ports) -> None:
    class Machine(CardsConverge):
        def __init__(self) -> None:
            super().__init__(World(ports, _clock(), members=2))

    run_state_machine_as_test(
        Machine,
        settings=run_settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # a step talks to two servers: shrinking would take minutes
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


def test_an_answer_that_was_overtaken_does_not_bring_a_detached_card_back(world: World) -> None:
    (member_id,) = world.members
    method_id = world.add_card(member_id)
    attached = world.at_stripe.events("payment_method.attached")[0]
    succeeded = world.at_stripe.events("setup_intent.succeeded")[0]

    def attached_and_detached_meanwhile() -> None:
        world.deliver(attached)
        world.at_stripe.client.v1.payment_methods.detach(method_id)
        world.deliver(world.at_stripe.events("payment_method.detached")[0])

    world.cards.meanwhile = [attached_and_detached_meanwhile]
    world.deliver(succeeded)
    assert world.wallet(member_id).references == ()


def test_an_answer_that_was_overtaken_does_not_lose_a_card(world: World) -> None:
    (member_id,) = world.members
    first = world.add_card(member_id)

    def another_card_meanwhile() -> None:
        world.add_card(member_id)
        world.deliver(world.at_stripe.events("setup_intent.succeeded")[-1])

    world.cards.meanwhile = [another_card_meanwhile]
    world.deliver(world.at_stripe.events("setup_intent.succeeded")[0])
    world.assert_in_line(member_id)
    assert len(world.wallet(member_id).references) == 2
    assert world.wallet(member_id).knows(first)


def test_an_event_that_two_workers_deal_with_at_once_is_applied_once(world: World) -> None:
    (member_id,) = world.members
    world.add_card(member_id)
    event = world.at_stripe.events("setup_intent.succeeded")[0]
    world.cards.meanwhile = [lambda: world.deliver(event)]
    before = world.wallet(member_id).version
    world.deliver(event)
    assert world.wallet(member_id).version == before + 1
    world.assert_in_line(member_id)


def test_more_cards_than_one_transaction_takes_are_followed_in_several(world: World) -> None:
    (member_id,) = world.members
    world.set_up(member_id)
    customer_id = world.wallet(member_id).customer_id
    for _ in range(70):
        intent = world.at_stripe.client.v1.setup_intents.create({"customer": str(customer_id)})
        world.at_stripe.confirm(intent.id)
    last = world.at_stripe.events("setup_intent.succeeded")[-1]
    world.deliver(last)
    assert len(world.wallet(member_id).references) == 70
    world.at_stripe.client.v1.customers.delete(str(customer_id))
    world.deliver(world.at_stripe.events("customer.deleted")[0])
    assert world.wallet(member_id).references == ()
    assert world.ports.payment_methods.owner(str(customer_id)) is None


def test_an_answer_that_was_overtaken_does_not_bring_an_old_expiry_back(world: World) -> None:
    (member_id,) = world.members
    method_id = world.add_card(member_id)
    world.deliver(world.at_stripe.events("setup_intent.succeeded")[0])

    def renewed(year: int) -> Json:
        world.at_stripe.client.v1.payment_methods.update(method_id, {"card": {"exp_year": year}})
        return world.at_stripe.events("payment_method.updated")[-1]

    first = renewed(2030)
    world.cards.meanwhile = [lambda: world.deliver(renewed(2031))]
    world.deliver(first)
    assert [reference.exp_year for reference in world.wallet(member_id).references] == [2031]
