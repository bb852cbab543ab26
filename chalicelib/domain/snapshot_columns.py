"""The columns of the snapshot's datasets: whoever makes a row, reads a file or names a table asks
here. Knows neither where rows lie nor the SQL that reads them.
"""

from collections.abc import Mapping
from enum import StrEnum

from chalicelib.domain.condition_sql import column_of
from chalicelib.domain.fact_list import FACTS, FactKind

Cell = int | float | str | bool | list[str] | None
"""What stands in a column. Days and instants are text, as `domain/instants.py` prints them."""

Row = Mapping[str, Cell]
"""A row by column."""


class Dataset(StrEnum):
    """What the snapshot holds. A query names them as `{members}` and so on."""

    MEMBERS = "members"
    PURCHASES = "purchases"
    USES = "uses"
    LINES = "lines"
    AUDIENCES = "audiences"


Columns = Mapping[str, FactKind]
"""Kinds by names, in order. Days and instants are text that sorts as they do."""

_TEXT, _INTEGER, _BOOLEAN = FactKind.TEXT, FactKind.INTEGER, FactKind.BOOLEAN


MEMBERS: Columns = {
    "member_id": _TEXT,
    "day": _TEXT,  # the day that the facts are of
    "as_of": _TEXT,  # the instant that they are of: of two rows of a member the newer counts
    "seq": _INTEGER,  # of the account's newest entry
    "gone": _BOOLEAN,  # nothing else is said of who was erased
    "merged": _BOOLEAN,  # another member stands for the same person, and is the one that counts
    "profiling": _BOOLEAN,
    "reach_mail": _BOOLEAN,  # whether it may be written to for any marketing purpose
    "reach_sms": _BOOLEAN,
    "reach_push": _BOOLEAN,
    "attributes": _TEXT,  # a JSON object: a program may declare others any day
    "activated": FactKind.TEXTS,  # ids of the offers that it has opted in to
    **{column_of(name): fact.kind for name, fact in FACTS.items()},
}

PURCHASES: Columns = {
    "event": _TEXT,  # names the row for ever
    "member_id": _TEXT,
    "name": _TEXT,  # what stands for the purchase in the ledger
    "at": _TEXT,
    "day": _TEXT,
    "kind": _TEXT,  # purchase or return
    "amount_minor": _INTEGER,  # below zero for a return, as are its points
    "points": _INTEGER,
    "store": _TEXT,
    "channel": _TEXT,
}

USES: Columns = {
    "event": _TEXT,
    "member_id": _TEXT,
    "offer_id": _TEXT,
    "version": _INTEGER,
    "number": _INTEGER,
    "name": _TEXT,
    "at": _TEXT,
    "day": _TEXT,
    "kind": _TEXT,  # use or taken_back
    "points": _INTEGER,  # below zero for what was taken back, as is its cost
    "cost_minor": _INTEGER,
}

LINES: Columns = {
    "event": _TEXT,
    "member_id": _TEXT,
    "name": _TEXT,
    "day": _TEXT,
    "sku": _TEXT,
    "category": _TEXT,
}

AUDIENCES: Columns = {  # whom an offer was meant for when it was launched
    "event": _TEXT,
    "member_id": _TEXT,
    "offer_id": _TEXT,
    "day": _TEXT,
    "held_out": _BOOLEAN,
}

COLUMNS: Mapping[Dataset, Columns] = {
    Dataset.MEMBERS: MEMBERS,
    Dataset.PURCHASES: PURCHASES,
    Dataset.USES: USES,
    Dataset.LINES: LINES,
    Dataset.AUDIENCES: AUDIENCES,
}
