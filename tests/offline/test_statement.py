"""A statement that is checked without us: saved over HTTP from a real run, read by the script."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.domain.entries import EntryKind, chained_hash
from chalicelib.storage.ledger_items import EntryItem, entry_item
from chalicelib.workers import anchor
from tests.offline.roastery import (
    HOLDS,
    NOT_ALL,
    QUARTER,
    WRONG,
    Roastery,
    Saved,
    checked,
)

# --- what holds ----------------------------------------------------------------------------------


def test_a_statement_of_all_kinds_of_entries_holds(saved: Saved, tmp_path: Path) -> None:
    kinds = {row["kind"] for row in saved.rows}
    others = {EntryKind.STATUS, EntryKind.TRANSFER_IN, EntryKind.BONUS, EntryKind.ERASE}
    assert kinds == set(EntryKind) - others
    assert len(saved.pages) > 1

    said = checked(saved, tmp_path)

    assert said.code == HOLDS, said.text
    assert "DOES NOT HOLD" not in said.text
    assert "Everything holds." in said.text
    assert "is signed, over 3 accounts" in said.text


def test_without_the_library_it_says_that_the_signature_was_not_checked(
    saved: Saved, tmp_path: Path
) -> None:
    said = checked(saved, tmp_path, python=("-S",))  # Python without what was installed
    assert said.code == NOT_ALL, said.text
    assert "THE SIGNATURE WAS NOT CHECKED" in said.text
    assert "DOES NOT HOLD" not in said.text


def test_an_older_root_holds_and_later_entries_are_left_to_later_ones(
    roastery: Roastery, tmp_path: Path
) -> None:
    said = checked(roastery.saved(roastery.mia, root="2026-11-22"), tmp_path)
    assert said.code == HOLDS, said.text
    assert "came later ones: a later root vouches for them" in said.text


def test_the_oldest_pages_may_be_missing_and_it_says_so(saved: Saved, tmp_path: Path) -> None:
    saved.pages = saved.pages[:1]
    said = checked(saved, tmp_path)
    assert said.code == NOT_ALL, said.text
    assert "is not in these files" in said.text


def test_a_key_from_elsewhere_is_the_one_that_signed(saved: Saved, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(saved.root["signature"]["public_key"])
    said = checked(saved, tmp_path, "--public-key", "key.pem")
    assert said.code == HOLDS, said.text
    assert "came with the root" not in said.text


def test_where_an_account_is_shared_each_of_the_two_is_checked_and_the_own_one_proved(
    roastery: Roastery, tmp_path: Path
) -> None:
    saved = roastery.saved(roastery.ida)
    said = checked(saved, tmp_path)
    assert said.code == NOT_ALL, said.text
    assert "DOES NOT HOLD" not in said.text
    assert f"What follows is about the account {roastery.ida}" in said.text
    assert f"No root is shown to count {roastery.mia}" in said.text

    saved.rows[0]["points"] += 1
    assert checked(saved, tmp_path).code == WRONG


def test_points_from_another_member_are_part_of_the_chain(
    roastery: Roastery, tmp_path: Path
) -> None:
    saved = roastery.saved(roastery.tom)
    assert "transfer_in" in {row["kind"] for row in saved.rows}
    assert checked(saved, tmp_path).code == HOLDS


def test_the_statement_without_proof_shows_no_more_than_it_did(roastery: Roastery) -> None:
    own = roastery.shop.token_for(roastery.mia)
    items = roastery.shop.client.get("/v1/members/me/entries", bearer=own).json()["items"]
    assert not any("proof" in item for item in items)


def test_what_has_expired_and_is_not_written_is_no_part_of_the_chain(
    roastery: Roastery, tmp_path: Path
) -> None:
    saved = roastery.saved(roastery.tom)
    assert saved.rows[0]["seq"] is None
    assert "proof" not in saved.rows[0]
    said = checked(saved, tmp_path)
    assert said.code == HOLDS, said.text
    assert "has no number yet" in said.text


# --- the very tables changed ---------------------------------------------------------------------


def test_who_rewrites_a_whole_account_in_the_table_is_found_out_by_the_root(
    roastery: Roastery, tmp_path: Path
) -> None:
    """Every hash mended, so that the chain holds and the service itself finds nothing wrong."""
    before = roastery.saved(roastery.mia)
    entries = list(reversed(roastery.shop.services.ports.ledger.entries(roastery.mia, None, 100)))
    kept = [entry_item(entry) for entry in entries]
    previous = entries[0].hash
    for entry in entries[1:]:
        forged = replace(entry, previous_hash=previous, cause=f"{entry.cause}x")
        forged = replace(forged, hash=chained_hash(forged))
        previous = forged.hash
        entry_item(forged).save()
    try:
        after = roastery.saved(roastery.mia)
    finally:
        for item in kept:
            item.save()

    assert after.proof["valid"] is True
    assert after.proof["inclusion"] == before.proof["inclusion"]
    said = checked(after, tmp_path)
    assert said.code == WRONG
    assert "with another hash: it was changed since" in said.text
    assert EntryItem.count(f"A#{roastery.mia}") == len(kept)


# --- over HTTP -----------------------------------------------------------------------------------


def test_roots_are_for_everybody_newest_first_in_pages(roastery: Roastery) -> None:
    get = roastery.shop.client.get
    first = get("/v1/roots?limit=2").json()
    rest = get(f"/v1/roots?limit=2&cursor={first['next_cursor']}").json()

    days = [item["root_date"] for page in (first, rest) for item in page["items"]]
    assert days == ["2027-02-21", "2027-02-20", "2026-11-22"]
    assert rest["next_cursor"] is None
    assert get("/v1/roots/latest").json() == first["items"][0]
    assert get("/v1/roots/2026-11-22").json() == rest["items"][0]
    assert not any(member in str((first, rest)) for member in (roastery.mia, roastery.tom))


def test_a_root_tells_its_key_but_not_whose_cloud_account_it_is(roastery: Roastery) -> None:
    signature = roastery.shop.client.get("/v1/roots/latest").json()["signature"]
    assert signature["algorithm"] == "ECDSA_SHA_256"
    assert signature["public_key"].startswith("-----BEGIN PUBLIC KEY-----\n")
    assert ":" not in signature["key_id"]


@pytest.mark.parametrize(
    "day", ["2026-11-21", "2026-02-31", "today", "20261122", "2026-W47-7", "1"]
)
def test_a_day_without_a_root_is_not_found(roastery: Roastery, day: str) -> None:
    reply = roastery.shop.client.get(f"/v1/roots/{day}")
    assert (reply.status, reply.json()["code"], reply.json()["what"]) == (404, "not_found", "root")


def test_an_account_that_is_younger_than_a_root_is_told_so(roastery: Roastery) -> None:
    own = roastery.shop.token_for(roastery.shop.member())
    path = "/v1/members/me/entries/proof?root=2026-11-22"
    reply = roastery.shop.client.get(path, bearer=own)
    assert (reply.status, reply.code) == (404, "not_in_root")
    assert reply.json()["root_date"] == "2026-11-22"


def test_a_proof_for_a_root_that_is_none_is_refused(roastery: Roastery) -> None:
    own, get = roastery.shop.token_for(roastery.mia), roastery.shop.client.get
    path = "/v1/members/me/entries/proof?root="
    unknown = [get(path + day, bearer=own) for day in ("2026-11-21", "2026-02-31")]
    assert [(reply.status, reply.code) for reply in unknown] == [(404, "not_found")] * 2
    assert get(path + "monday", bearer=own).status == 422
    assert get("/v1/members/mem_nobody/entries/proof?root=monday", bearer=own).status == 404


def test_a_proof_shows_nobody_else(roastery: Roastery) -> None:
    proof = roastery.saved(roastery.mia).proof
    assert roastery.tom not in json.dumps(proof)
    assert set(proof["inclusion"]) == {"root_date", "seq", "hash", "bucket", "path"}


def test_the_worker_says_what_it_did(roastery: Roastery) -> None:
    roastery.clock.forward(days=1)
    day = roastery.clock().date().isoformat()
    assert anchor.handle(QUARTER, None) == {"day": day, "done": True}
    assert anchor.handle(QUARTER, None) == {"day": None, "done": True}
