"""Cards on file over DynamoDB: references, what a member can be found by, events dealt with.

Knows how things are stored, not what a provider is. There is nothing secret in these items: brand,
last four digits and expiry are in clear, fingerprints and customers lead here by HMAC alone.

| class | `t` | attributes |
|---|---|---|
| WalletItem | wallet | `v` schema, `n` version, `c` customer, `k` how many customers there were |
| CardItem | card | `b` brand, `d` last four digits, `m`, `y` expiry, `f` fingerprint's name, `at` |
| RemovedCardItem | removed_card | none: that the card was the member's once |
| SetupItem | card_setup | `i` SetupIntent, `at` |
| EventItem | card_event | `ttl` |
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.domain.identifiers import Kind
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.names import Namer
from chalicelib.domain.payment_methods import CardReference, Wallet
from chalicelib.storage import keys
from chalicelib.storage.faults import store_errors
from chalicelib.storage.gone import transact_for
from chalicelib.storage.people_items import IdentifierItem
from chalicelib.storage.reading import get
from chalicelib.storage.tables import IntAttribute, PeopleItem
from chalicelib.storage.writing import Cancelled, Delete, Put
from chalicelib.usecases.ports import StoreNewer, WalletSaved

SCHEMA = 1
_PROVIDER = "stripe"
_CUSTOMER = "customer"
_EVENT_STAYS = timedelta(days=90)
"""Stripe repeats an event for three days and signs it anew each time. After the purge one would
only be looked up again: what it leads to is read from Stripe whenever it comes."""


class WalletItem(PeopleItem, discriminator="wallet"):
    v = IntAttribute()
    n = IntAttribute()
    c = UnicodeAttribute(null=True)
    k = IntAttribute()


class CardItem(PeopleItem, discriminator="card"):
    b = UnicodeAttribute()
    d = UnicodeAttribute()
    m = IntAttribute()
    y = IntAttribute()
    f = UnicodeAttribute(null=True)
    at = UnicodeAttribute()


class RemovedCardItem(PeopleItem, discriminator="removed_card"):
    pass


class SetupItem(PeopleItem, discriminator="card_setup"):
    i = UnicodeAttribute()
    at = UnicodeAttribute()


class EventItem(PeopleItem, discriminator="card_event"):
    ttl = IntAttribute()


class DynamoPaymentMethods:
    """The `PaymentMethods` port over the bound tables."""

    def __init__(self, namer: Namer) -> None:
        self._namer = namer

    def wallet(self, member_id: str) -> Wallet:
        items = wallet_items(member_id)
        root = next((item for item in items if isinstance(item, WalletItem)), None)
        if root is None:
            return Wallet(member_id)
        if root.v > SCHEMA:
            raise StoreNewer(f"a wallet of schema {root.v}, this release knows {SCHEMA}")
        gone = (item.sk for item in items if isinstance(item, RemovedCardItem))
        return Wallet(
            member_id=member_id,
            version=root.n,
            customer_id=root.c,
            customers=root.k,
            references=tuple(_reference(item) for item in items if isinstance(item, CardItem)),
            removed=frozenset(sk.removeprefix(keys.payment_method("")) for sk in gone),
        )

    def owner(self, customer_id: str) -> str | None:
        item = get(IdentifierItem, self._customer_key(customer_id), keys.ONLY)
        return item.m if item is not None else None

    def save(
        self, before: Wallet, after: Wallet, event_id: str | None, now: datetime
    ) -> WalletSaved:
        wallet = _wallet_item(after, before.version + 1)
        unchanged = WalletItem.n == before.version if before.version else None
        puts = [
            *([Put(_event_item(event_id, now))] if event_id is not None else []),
            Put(wallet, unchanged),
            *_card_puts(before, after),
            *_holder_puts(before, after),
        ]
        deletes = [*_holder_deletes(before, after)]
        if before.customer_id != after.customer_id:
            if before.customer_id is not None:
                deletes.append(Delete(self._customer_item(before.customer_id, after.member_id)))
            if after.customer_id is not None:
                puts.append(Put(self._customer_item(after.customer_id, after.member_id)))
        try:
            transact_for(after.member_id, puts, deletes=deletes)
        except Cancelled as cancelled:
            return "event_seen" if event_id is not None and cancelled.puts[0] else "stale"
        return "saved"

    def setup(self, member_id: str, name: str) -> str | None:
        item = get(SetupItem, keys.member(member_id), keys.card_setup(name))
        return item.i if item is not None else None

    def keep_setup(self, member_id: str, name: str, setup_intent_id: str, now: datetime) -> bool:
        item = SetupItem(
            keys.member(member_id), keys.card_setup(name), i=setup_intent_id, at=printed(now)
        )
        try:
            transact_for(member_id, [Put(item)])
        except Cancelled:
            return self.setup(member_id, name) == setup_intent_id
        return True

    def event_seen(self, event_id: str) -> bool:
        return get(EventItem, keys.provider_event(_PROVIDER, event_id), keys.ONLY) is not None

    def keep_event(self, event_id: str, now: datetime) -> None:
        with store_errors():
            _event_item(event_id, now).save()

    def _customer_key(self, customer_id: str) -> str:
        return customer_key(self._namer, customer_id)

    def _customer_item(self, customer_id: str, member_id: str) -> IdentifierItem:
        return IdentifierItem(self._customer_key(customer_id), keys.ONLY, m=member_id)


def customer_key(namer: Namer, customer_id: str) -> str:
    """Where a customer of the provider's leads to its member."""
    return keys.identifier(_CUSTOMER, namer.name("identifier", _CUSTOMER, customer_id))


def wallet_items(member_id: str) -> list[PeopleItem]:
    """All that is kept of a member's cards."""
    with store_errors():
        # A hundred cards are some twenty kilobytes: always one page.
        answer = PeopleItem._get_connection().query(
            keys.member(member_id),
            range_key_condition=PeopleItem.sk.startswith(keys.WALLET),
            consistent_read=True,
        )
        return [PeopleItem.from_raw_data(item) for item in answer["Items"]]


def _wallet_item(wallet: Wallet, version: int) -> WalletItem:
    return WalletItem(
        keys.member(wallet.member_id),
        keys.WALLET,
        v=SCHEMA,
        n=version,
        c=wallet.customer_id,
        k=wallet.customers,
    )


def _card_puts(before: Wallet, after: Wallet) -> Iterator[Put]:
    kept = set(before.references)
    for reference in after.references:
        if reference not in kept:
            yield Put(_card_item(after.member_id, reference), _as_known(before, reference))
    for reference in before.references:
        id_ = reference.payment_method_id
        if id_ in after.removed:
            removed = RemovedCardItem(keys.member(after.member_id), keys.payment_method(id_))
            yield Put(removed, CardItem.pk.exists())


def _as_known(before: Wallet, reference: CardReference) -> Condition | None:
    return CardItem.pk.exists() if before.knows(reference.payment_method_id) else None


def _card_item(member_id: str, reference: CardReference) -> CardItem:
    return CardItem(
        keys.member(member_id),
        keys.payment_method(reference.payment_method_id),
        b=reference.brand,
        d=reference.last4,
        m=reference.exp_month,
        y=reference.exp_year,
        f=reference.fingerprint_name,
        at=printed(reference.created_at),
    )


def _reference(item: CardItem) -> CardReference:
    return CardReference(
        payment_method_id=item.sk.removeprefix(keys.payment_method("")),
        brand=item.b,
        last4=item.d,
        exp_month=item.m,
        exp_year=item.y,
        fingerprint_name=item.f,
        created_at=parsed(item.at),
    )


def _holder_puts(before: Wallet, after: Wallet) -> Iterator[Put]:
    for name in sorted(after.fingerprint_names - before.fingerprint_names):
        yield Put(_holder_item(after.member_id, name))


def _holder_deletes(before: Wallet, after: Wallet) -> Iterator[Delete]:
    for name in sorted(before.fingerprint_names - after.fingerprint_names):
        yield Delete(_holder_item(after.member_id, name))


def _holder_item(member_id: str, name: str) -> IdentifierItem:
    """One for each member with a card of this fingerprint: a card can be in two purses."""
    return IdentifierItem(keys.identifier(Kind.PAYMENT_FINGERPRINT, name), member_id, m=member_id)


def _event_item(event_id: str, now: datetime) -> EventItem:
    purged = int((now + _EVENT_STAYS).timestamp())
    return EventItem(keys.provider_event(_PROVIDER, event_id), keys.ONLY, ttl=purged)
