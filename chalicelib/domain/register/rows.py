"""What a row of the register is: a stored item, its fields, and what the law asks of both.

Knows no storage and no wording but its own; the words of purposes and the like are in `words.py`.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Place(StrEnum):
    """Where something lies: a table, a bucket, or what passes through."""

    LEDGER = "ledger"
    PEOPLE = "people"
    KEYS = "keys"
    CONFIG = "config"
    AUDIT = "audit"
    ANCHORS = "anchors"
    IMPORT_BUCKET = "import_bucket"
    EXPORT_BUCKET = "export_bucket"
    SNAPSHOT_BUCKET = "snapshot_bucket"
    QUEUES = "queues"
    LOGS = "logs"


class Purpose(StrEnum):
    """What something is held for."""

    MEMBERSHIP = "membership"
    POINTS = "points"
    CONTACT = "contact"
    MARKETING = "marketing"
    PROFILING = "profiling"
    PAYMENT = "payment"
    SERVICE = "service"
    SECURITY = "security"
    ACCOUNTABILITY = "accountability"
    OPERATION = "operation"


class Basis(StrEnum):
    """Why the law allows it: Article 6 (1) GDPR, letters b, a, c and f."""

    CONTRACT = "contract"
    CONSENT = "consent"
    LEGAL_OBLIGATION = "legal_obligation"
    LEGITIMATE_INTEREST = "legitimate_interest"


class Retention(StrEnum):
    """How long something is held."""

    MEMBERSHIP = "membership"
    REDACTED = "redacted"
    FOR_EVER = "for_ever"
    TOMBSTONE = "tombstone"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"
    QUARTER = "quarter"
    REPLACED = "replaced"


class Reader(StrEnum):
    """Who may see something. Nobody but the service itself where none is named."""

    MEMBER = "member"
    CHECKOUT = "checkout"
    SUPPORT = "support"
    PRIVACY = "privacy"
    MARKETER = "marketer"
    ADMIN = "admin"


class Recipient(StrEnum):
    """Where something goes outside of the service. Everything lies with the host."""

    STRIPE = "stripe"
    MAIL = "mail"
    SMS = "sms"
    SHOP_SYSTEMS = "shop_systems"


@dataclass(frozen=True, slots=True)
class Words:
    """The same in the languages that the notice is written in."""

    en: str
    de: str


@dataclass(frozen=True, slots=True)
class Field:
    """One stored attribute, or with dots a part of it: `f.email` is sealed in `f`.

    personal: whether it is about a member. withheld: why the export leaves a personal field out;
    every other one is in the section of its item, and a test looks for it there.
    """

    name: str
    words: str
    personal: bool = True
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of stored item and what it consists of.

    name: the storage class's name without `Item`, in snake case. told: what it is, as a member is
    told; None where nothing in it is personal. key: what its keys are made of; None for what any
    item of a table can have beside its own fields (`name` is `any` then). section: the file of the
    export that shows its personal fields, None where all are withheld.
    """

    place: Place
    name: str
    words: str
    told: Words | None
    purpose: Purpose
    basis: Basis
    retention: Retention
    key: Field | None
    fields: tuple[Field, ...] = ()
    seen_by: tuple[Reader, ...] = ()
    goes_to: tuple[Recipient, ...] = ()
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the register: a field, with all that is said of its item."""

    item: Item
    field: Field

    @property
    def address(self) -> str:
        """Where the field is, such as `people/profile/f.email`."""
        return f"{self.item.place}/{self.item.name}/{self.field.name}"

    @property
    def exported(self) -> bool:
        """Whether the export shows it."""
        return self.field.personal and not self.field.withheld


@dataclass(frozen=True, slots=True)
class Register:
    """Everything that is held."""

    items: tuple[Item, ...]
    rows: tuple[Row, ...] = field(init=False)

    def __post_init__(self) -> None:
        rows = (Row(item, one) for item in self.items for one in (*_keys(item), *item.fields))
        object.__setattr__(self, "rows", tuple(rows))

    def of_section(self, section: str) -> tuple[Row, ...]:
        """What a section of the export shows."""
        return tuple(row for row in self.rows if row.exported and row.item.section == section)


def _keys(item: Item) -> tuple[Field, ...]:
    """Both keys of an item of a table; what lies elsewhere is found by one name."""
    if item.key is None:
        return ()
    return tuple(
        Field(name, item.key.words, item.key.personal, item.key.withheld)
        for name in (("pk", "sk") if item.place in _TABLES else (item.key.name,))
    )


_TABLES = frozenset(
    {Place.LEDGER, Place.PEOPLE, Place.KEYS, Place.CONFIG, Place.AUDIT, Place.ANCHORS}
)


def kept(words: str, *names: str) -> tuple[Field, ...]:
    """Fields that are about nobody: counters, versions, marks."""
    return tuple(Field(name, words, personal=False) for name in names)
