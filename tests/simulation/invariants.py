"""Checks the sentences of `docs/invariants.md`, each by its number, on a snapshot of raw items."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tests.simulation import day_checks as days
from tests.simulation import early_checks as early
from tests.simulation import entry_checks as entries
from tests.simulation import offer_checks as offers
from tests.simulation import record_checks as records
from tests.simulation.books import Books, Limits, Snapshot, Stock, Terms, read, terms_of

CHECKS: dict[int, Callable[[Books], Iterator[str]]] = {
    1: entries.check_1_numbers,
    2: entries.check_2_chain,
    3: entries.check_3_changes,
    4: entries.check_4_no_negative,
    5: entries.check_5_time,
    6: entries.check_6_size,
    7: entries.check_7_causes,
    8: entries.check_8_kinds,
    9: entries.check_9_figures,
    10: entries.check_10_events,
    11: entries.check_11_reasons,
    12: entries.check_12_commitments,
    13: records.check_13_points,
    14: records.check_14_lifetime,
    15: records.check_15_months,
    16: records.check_16_uses,
    17: records.check_17_events_of_purchases,
    18: records.check_18_returns,
    19: records.check_19_taken,
    20: records.check_20_claim_codes,
    21: records.check_21_ends,
    22: records.check_22_vouchers,
    23: records.check_23_given_back,
    24: records.check_24_stock,
    25: records.check_25_approvals,
    26: days.check_26_expired,
    27: days.check_27_matured,
    28: days.check_28_gifts,
    29: early.check_29_waiting,
    30: early.check_30_paid,
    31: offers.check_31_budgets,
    32: offers.check_32_limits,
    33: offers.check_33_paid_for,
    34: offers.check_34_awards,
}
"""The check of each sentence, by its number."""


def broken(snapshot: Snapshot) -> list[str]:
    """Every breach of an invariant, as `<number>. <what is wrong>`; empty when all hold."""
    books = read(snapshot)
    return [f"{number}. {text}" for number, check in CHECKS.items() for text in check(books)]


def scanned(dynamodb: Any, names: Mapping[str, str], zone: str = "Europe/Berlin") -> Snapshot:
    """Everything in the real tables, read with boto3's client. names: as in a local stack."""
    ledger = list(_items(dynamodb, names["LedgerTable"]))
    config = list(_items(dynamodb, names["ConfigTable"]))
    units: dict[str, int] = {}
    left: dict[str, list[int]] = defaultdict(list)
    for item in config:
        if item["pk"]["S"] == "REWARD":
            units[item["sk"]["S"]] = int(item["units"]["N"])
        elif item["pk"]["S"].startswith("STOCK#"):
            left[item["pk"]["S"].removeprefix("STOCK#")].append(int(item["remaining"]["N"]))
    stocks = {reward: Stock(units[reward], tuple(shards)) for reward, shards in left.items()}
    return Snapshot(ledger, stocks, zone, _offers(config))


def _offers(config: Iterable[Any]) -> dict[str, Limits]:
    """The limits of all offers, from the raw items."""
    left: dict[str, list[int]] = defaultdict(list)
    versions: dict[str, dict[int, Terms]] = defaultdict(dict)
    for item in config:
        if item["pk"]["S"].startswith("BUDGET#"):
            left[item["pk"]["S"].removeprefix("BUDGET#")].append(int(item["remaining"]["N"]))
        elif item["pk"]["S"].startswith("OFFER#"):
            version = int(item["sk"]["S"].removeprefix("V#"))
            terms = terms_of(json.loads(item["document"]["S"]))
            versions[item["pk"]["S"].removeprefix("OFFER#")][version] = terms
    found: dict[str, Limits] = {}
    for item in config:
        if item["pk"]["S"] == "OFFER":
            offer_id, document = item["sk"]["S"], json.loads(item["document"]["S"])
            budget = Stock(int(item["budgeted"]["N"]), tuple(left[offer_id]))
            limit = document["member_limit"]
            found[offer_id] = Limits(document["number"], budget, limit, versions[offer_id])
    return found


def _items(dynamodb: Any, table: str) -> Iterator[Any]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    for page in pages:
        yield from page["Items"]
