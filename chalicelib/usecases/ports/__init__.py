"""What use cases need from the outside, as narrow Protocols, a file for each neighbour.

Each has a contract suite in `tests/contract/` that runs over every implementation: the real one and
the fake.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.domain.names import Namer
    from chalicelib.usecases.ports.announcements import Announcements, LetterQueue
    from chalicelib.usecases.ports.audiences import AudiencePage, Audiences
    from chalicelib.usecases.ports.behaviours import Behaviours, KeptBehaviour
    from chalicelib.usecases.ports.books import (
        AccountBook,
        Book,
        BookPage,
        Books,
        Checkpoint,
        PurchaseBook,
        RecordBook,
        RedemptionBook,
    )
    from chalicelib.usecases.ports.cards import (
        CardEvent,
        Cards,
        CardSetup,
        CustomerLost,
        PaymentMethods,
        WalletSaved,
    )
    from chalicelib.usecases.ports.catalogue import Keys, Programs, Rewards, Written
    from chalicelib.usecases.ports.connections import Connections, RefusedQueue
    from chalicelib.usecases.ports.duplicates import Duplicates
    from chalicelib.usecases.ports.erasures import (
        EraseQueue,
        Eraser,
        Erasures,
        Hold,
        Restriction,
    )
    from chalicelib.usecases.ports.exports import ExportFiles, ExportQueue, Exports
    from chalicelib.usecases.ports.guards import (
        Allowances,
        Audit,
        AuditPage,
        AuditRecord,
        AuditSearch,
    )
    from chalicelib.usecases.ports.imports import ImportFiles, ImportQueue, Imports
    from chalicelib.usecases.ports.interactions import Interactions, Reminder, Sums, Surveys
    from chalicelib.usecases.ports.ledger import (
        BudgetChange,
        Cause,
        DueHint,
        DuePage,
        Head,
        Ledger,
        OperationRecord,
        StockChange,
        Verdict,
        VoucherRecord,
        Write,
    )
    from chalicelib.usecases.ports.notices import Notices
    from chalicelib.usecases.ports.offer_measures import OfferMeasures
    from chalicelib.usecases.ports.offers import Offers
    from chalicelib.usecases.ports.outside import (
        Captcha,
        Claims,
        Event,
        EventBus,
        Message,
        Messages,
        NotTaken,
        TokenVerifier,
        Vault,
    )
    from chalicelib.usecases.ports.people import (
        KeptPreferences,
        People,
        PeopleWrite,
        ReachChange,
        Saved,
        Taken,
        TraitsChange,
    )
    from chalicelib.usecases.ports.products import Products
    from chalicelib.usecases.ports.reconciliations import Reconciliations
    from chalicelib.usecases.ports.reviews import Reviews
    from chalicelib.usecases.ports.roll import Roll, RollPage, RollRow
    from chalicelib.usecases.ports.roots import Roots
    from chalicelib.usecases.ports.segments import Segments
    from chalicelib.usecases.ports.settling import (
        Entropy,
        Outcome,
        Patience,
        StoreNewer,
        StoreUnavailable,
    )
    from chalicelib.usecases.ports.snapshots import (
        AsOf,
        AudienceCount,
        AudienceQueries,
        MemberPage,
        SnapshotQuery,
        SnapshotQueue,
        Snapshots,
        Where,
    )
    from chalicelib.usecases.ports.webhooks import WebhookPorts

__all__ = [
    "AccountBook",
    "Allowances",
    "Announcements",
    "AsOf",
    "AudienceCount",
    "AudiencePage",
    "AudienceQueries",
    "Audiences",
    "Audit",
    "AuditPage",
    "AuditRecord",
    "AuditSearch",
    "Behaviours",
    "Book",
    "BookPage",
    "Books",
    "BudgetChange",
    "Captcha",
    "CardEvent",
    "CardSetup",
    "Cards",
    "Cause",
    "Checkpoint",
    "Claims",
    "Connections",
    "CustomerLost",
    "DueHint",
    "DuePage",
    "Duplicates",
    "Entropy",
    "EraseQueue",
    "Eraser",
    "Erasures",
    "Event",
    "EventBus",
    "ExportFiles",
    "ExportQueue",
    "Exports",
    "Head",
    "Hold",
    "ImportFiles",
    "ImportQueue",
    "Imports",
    "Interactions",
    "KeptBehaviour",
    "KeptPreferences",
    "Keys",
    "Ledger",
    "LetterQueue",
    "MemberPage",
    "Message",
    "Messages",
    "NotTaken",
    "Notices",
    "OfferMeasures",
    "Offers",
    "OperationRecord",
    "Outcome",
    "Patience",
    "PaymentMethods",
    "People",
    "PeopleWrite",
    "Ports",
    "Products",
    "Programs",
    "PurchaseBook",
    "ReachChange",
    "Reconciliations",
    "RecordBook",
    "RedemptionBook",
    "RefusedQueue",
    "Reminder",
    "Restriction",
    "Reviews",
    "Rewards",
    "Roll",
    "RollPage",
    "RollRow",
    "Roots",
    "Saved",
    "Segments",
    "SnapshotQuery",
    "SnapshotQueue",
    "Snapshots",
    "StockChange",
    "StoreNewer",
    "StoreUnavailable",
    "Sums",
    "Surveys",
    "Taken",
    "TokenVerifier",
    "TraitsChange",
    "Vault",
    "Verdict",
    "VoucherRecord",
    "WalletSaved",
    "WebhookPorts",
    "Where",
    "Write",
    "Written",
]

_HOMES = {
    "announcements": "Announcements LetterQueue",
    "audiences": "AudiencePage Audiences",
    "behaviours": "Behaviours KeptBehaviour",
    "books": "AccountBook Book BookPage Books Checkpoint PurchaseBook RecordBook RedemptionBook",
    "cards": "CardEvent Cards CardSetup CustomerLost PaymentMethods WalletSaved",
    "catalogue": "Keys Programs Rewards Written",
    "connections": "Connections RefusedQueue",
    "duplicates": "Duplicates",
    "erasures": "EraseQueue Eraser Erasures Hold Restriction",
    "exports": "ExportFiles ExportQueue Exports",
    "guards": "Allowances Audit AuditPage AuditRecord AuditSearch",
    "imports": "ImportFiles ImportQueue Imports",
    "interactions": "Interactions Reminder Sums Surveys",
    "ledger": (
        "BudgetChange Cause DueHint DuePage Head Ledger OperationRecord StockChange "
        "Verdict VoucherRecord Write"
    ),
    "notices": "Notices",
    "offer_measures": "OfferMeasures",
    "offers": "Offers",
    "outside": "Captcha Claims Event EventBus Message Messages NotTaken TokenVerifier Vault",
    "people": "KeptPreferences People PeopleWrite ReachChange Saved Taken TraitsChange",
    "products": "Products",
    "reconciliations": "Reconciliations",
    "reviews": "Reviews",
    "roll": "Roll RollPage RollRow",
    "roots": "Roots",
    "segments": "Segments",
    "settling": "Entropy Outcome Patience StoreNewer StoreUnavailable",
    "snapshots": (
        "AsOf AudienceCount AudienceQueries MemberPage SnapshotQuery SnapshotQueue Snapshots Where"
    ),
    "webhooks": "WebhookPorts",
}
"""Where each of them is defined: a function loads the neighbours that its use cases speak to, and
no other. One that is not named here is looked for in every file, which is right and slow."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What wiring gives to every use case. public_url: where the API is reached from outside."""

    ledger: Ledger
    behaviours: Behaviours
    books: Books
    reconciliations: Reconciliations
    roots: Roots
    people: People
    roll: Roll
    audiences: Audiences
    programs: Programs
    rewards: Rewards
    offers: Offers
    products: Products
    measures: OfferMeasures
    surveys: Surveys
    segments: Segments
    announcements: Announcements
    letter_queue: LetterQueue
    interactions: Interactions
    cards: Cards
    payment_methods: PaymentMethods
    keys: Keys
    connections: Connections
    refused: RefusedQueue
    captcha: Captcha
    messages: Messages
    notices: Notices
    duplicates: Duplicates
    reviews: Reviews
    allowances: Allowances
    audit: Audit
    imports: Imports
    import_files: ImportFiles
    import_queue: ImportQueue
    erasures: Erasures
    eraser: Eraser
    erase_queue: EraseQueue
    exports: Exports
    export_files: ExportFiles
    export_queue: ExportQueue
    snapshots: Snapshots
    snapshot_queue: SnapshotQueue
    queries: AudienceQueries
    webhooks: WebhookPorts
    public_url: str
    namer: Namer
    entropy: Entropy
    patience: Patience


if not TYPE_CHECKING:  # for the types, everything stands at the top

    def __getattr__(name: str) -> Any:
        """A Protocol or a value of one, from its file, when it is first asked for."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        named = [home for home, names in _HOMES.items() if name in names.split()]
        for home in named or [file.name for file in iter_modules(__path__)]:
            found = getattr(import_module(f"{__name__}.{home}"), name, None)
            if found is not None:
                globals()[name] = found
                return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
