"""Whatever is done to a saved statement, to its proof or to the root, the script says so."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.domain.names import length_prefixed
from tests.offline.roastery import (
    HOLDS,
    UNREADABLE,
    WRONG,
    Roastery,
    Saved,
    checked,
)

# --- what does not: the statement ----------------------------------------------------------------

Tampering = Callable[[Saved], object]


def _forge_the_sum(saved: Saved) -> None:
    """Points, change and sums agree with each other: only the hash knows better."""
    for row in saved.rows:
        if row["seq"] is not None and row["seq"] >= 2:
            row["available_after"] += 100
    row = saved.row(2)
    row["points"] += 100
    row["proof"]["changes"]["available"] += 100
    row["explanation"][0]["points"] += 100
    reasons = json.loads(row["proof"]["reasons"])
    reasons[0][1] += 100
    row["proof"]["reasons"] = json.dumps(reasons, separators=(",", ":"))


def _forge_the_chain(saved: Saved) -> None:
    """The same, and every hash is mended after it, also the one in the proof."""
    _forge_the_sum(saved)
    before = saved.row(1)["hash"]
    for seq in range(2, saved.rows[0]["seq"] + 1):
        row = saved.row(seq)
        row["proof"]["previous_hash"] = before
        before = row["hash"] = hash_of(row, saved.proof["account_id"]).hex()
    saved.proof["head"] = before


def hash_of(row: Any, account: str) -> bytes:
    """An entry's hash as a forger computes it."""
    proof = row["proof"]
    changes = ",".join(str(proof["changes"][name]) for name in ("available", "pending", "debt"))
    return hashlib.sha256(
        length_prefixed(
            account,
            bytes.fromhex(proof["previous_hash"]),
            str(row["seq"]),
            row["kind"],
            row["at"],
            row["cause"],
            changes,
            str(proof["program_version"]),
            proof["reasons"],
            bytes.fromhex(proof["state_digest"]),
            bytes.fromhex(proof["commitment"]),
        )
    ).digest()


def _swap(saved: Saved) -> None:
    first, second = saved.row(2), saved.row(3)
    first["seq"], second["seq"] = 3, 2


def _double(saved: Saved) -> None:
    saved.pages[0]["items"].append(saved.row(2) | {"points": 99})


IN_THE_STATEMENT: dict[str, tuple[Tampering, str]] = {
    "points": (lambda s: s.row(2).update(points=99), "figures that the changes do not add up to"),
    "available": (lambda s: s.row(3).update(available_after=9_999), "do not add up to: entry 3, 4"),
    "pending": (lambda s: s.row(3).update(pending_after=1), "do not add up to"),
    "debt": (lambda s: s.row(3).update(debt_after=1), "do not add up to"),
    "all figures": (_forge_the_sum, "its hash is not that of what it shows: entry 2."),
    "the whole chain": (_forge_the_chain, "with another hash: it was changed since"),
    "kind": (lambda s: s.row(2).update(kind="adjust"), "its hash is not that"),
    "instant": (lambda s: s.row(2).update(at="2026-11-22T09:30:00.001Z"), "its hash is not that"),
    "cause": (lambda s: s.row(2).update(cause="purchase:other:0"), "its hash is not that"),
    "hash": (lambda s: s.row(2).update(hash="00" * 32), "Not made to follow"),
    "number": (lambda s: s.rows[0].update(seq=40), "An entry is missing before entry 40"),
    "a huge number": (lambda s: s.rows[0].update(seq=10**18), "An entry is missing before"),
    "link": (lambda s: s.row(3)["proof"].update(previous_hash="00" * 32), "Not made to follow"),
    "link to the account": (
        lambda s: s.row(1)["proof"].update(previous_hash="00" * 32),
        "Not made to follow the entry before it: entry 1.",
    ),
    "version": (lambda s: s.row(2)["proof"].update(program_version=7), "its hash is not that"),
    "reasons": (
        lambda s: s.row(2)["proof"].update(reasons='[["gift",50,0]]'),
        "its hash is not that",
    ),
    "state": (lambda s: s.row(2)["proof"].update(state_digest="00" * 32), "its hash is not that"),
    "commitment": (lambda s: s.row(2)["proof"].update(commitment=""), "its hash is not that"),
    "explained points": (
        lambda s: s.row(2)["explanation"][0].update(points=1),
        "Explained by other rules or points",
    ),
    "explained rule": (
        lambda s: s.row(2)["explanation"][0].update(rule_or_offer="gift"),
        "Explained by other rules or points",
    ),
    "explained version": (
        lambda s: s.row(2)["explanation"][0].update(version=7),
        "Explained by other rules or points",
    ),
    "explained adjustment": (
        lambda s: s.one_of("adjust")["explanation"][0].update(points=7),
        "Explained by other rules or points",
    ),
    "explained expiry": (
        lambda s: s.one_of("expire")["explanation"][0].update(points=-1),
        "Explained by other rules or points",
    ),
    "a dropped entry": (lambda s: s.drop(3), "An entry is missing before entry 4"),
    "the dropped newest entry": (
        lambda s: s.drop(s.rows[0]["seq"]),
        "which the statement does not have",
    ),
    "swapped entries": (_swap, "its hash is not that"),
    "a doubled number": (_double, "Two entries have the number 2"),
}


@pytest.mark.parametrize("what", IN_THE_STATEMENT)
def test_whatever_is_changed_in_a_statement_does_not_hold(
    saved: Saved, tmp_path: Path, what: str
) -> None:
    tamper, sentence = IN_THE_STATEMENT[what]
    tamper(saved)
    said = checked(saved, tmp_path)
    assert said.code == WRONG, said.text
    assert sentence in said.text, said.text


# --- what does not: proof, root and signature ----------------------------------------------------


def _sign_anew(saved: Saved) -> None:
    """A root that a stranger has signed with a key of its own."""
    key, root = ec.generate_private_key(ec.SECP256R1()), saved.root
    text = length_prefixed(
        "stampbook/root",
        "1",
        root["root_date"],
        bytes.fromhex(root["root"]),
        str(root["accounts"]),
        root["taken_from"],
        root["taken_until"],
    )
    value = key.sign(text, ec.ECDSA(hashes.SHA256()))
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    root["signature"].update(value=base64.b64encode(value).decode(), public_key=pem.decode())


def _flip(saved: Saved) -> None:
    value = bytearray(base64.b64decode(saved.root["signature"]["value"]))
    value[-1] ^= 1
    saved.root["signature"]["value"] = base64.b64encode(value).decode()


def _give_to_another(saved: Saved) -> None:
    saved.proof["account_id"] = "mem_other"
    for row in saved.rows:
        row["proof"]["account_id"] = "mem_other"


NOT_SIGNED = "The signature is not one of this key under this root."
NOT_LED = "does not lead to this root"
BESIDE_IT: dict[str, tuple[Tampering, str]] = {
    "another day's root": (lambda s: setattr(s, "root", s.other_root), NOT_LED),
    "another day's root, dated back": (
        lambda s: setattr(s, "root", s.other_root | {"root_date": s.root["root_date"]}),
        NOT_SIGNED,
    ),
    "the root's hash": (lambda s: s.root.update(root="00" * 32), NOT_SIGNED),
    "the root's day": (lambda s: s.root.update(root_date="2026-11-21"), "not of this day"),
    "its accounts": (lambda s: s.root.update(accounts=1), NOT_SIGNED),
    "its instants": (lambda s: s.root.update(taken_from="2026-01-01T00:00:00.000Z"), NOT_SIGNED),
    "the signature": (_flip, NOT_SIGNED),
    "another root's signature": (
        lambda s: s.root.update(signature=s.other_root["signature"]),
        NOT_SIGNED,
    ),
    "a hash beside the way": (
        lambda s: s.proof["inclusion"]["path"].__setitem__(0, "00" * 32),
        NOT_LED,
    ),
    "a missing hash": (lambda s: s.proof["inclusion"]["path"].pop(), NOT_LED),
    "the bucket": (lambda s: s.proof["inclusion"].update(bucket=-1), NOT_LED),
    "the counted hash": (
        lambda s: s.proof["inclusion"].update(hash="00" * 32),
        "with another hash",
    ),
    "the counted number": (lambda s: s.proof["inclusion"].update(seq=2), "with another hash"),
    "the account": (lambda s: s.proof.update(account_id="mem_other"), "there is no entry"),
    "the account, everywhere": (_give_to_another, "or another account's"),
    "the head": (lambda s: s.proof.update(head="00" * 32), "names another hash"),
    "how many there are": (lambda s: s.proof.update(entries=99), "there are 99 entries"),
    "the service's own word": (
        lambda s: s.proof.update(valid=False, broken_at=3),
        "The service itself finds that entry 3 does not hold",
    ),
}


@pytest.mark.parametrize("what", BESIDE_IT)
def test_whatever_is_changed_beside_a_statement_does_not_hold(
    saved: Saved, tmp_path: Path, what: str
) -> None:
    tamper, sentence = BESIDE_IT[what]
    tamper(saved)
    said = checked(saved, tmp_path)
    assert said.code == WRONG, said.text
    assert sentence in said.text, said.text


def test_somebody_elses_statement_does_not_hold_with_ones_own_proof(
    roastery: Roastery, saved: Saved, tmp_path: Path
) -> None:
    saved.pages = roastery.saved(roastery.tom).pages
    said = checked(saved, tmp_path)
    assert said.code == WRONG
    assert "there is no entry" in said.text


def test_a_stranger_who_signs_is_found_out_by_the_key_that_one_has(
    saved: Saved, tmp_path: Path
) -> None:
    (tmp_path / "key.pem").write_text(saved.root["signature"]["public_key"])
    _sign_anew(saved)
    said = checked(saved, tmp_path, "--public-key", "key.pem")
    assert said.code == WRONG
    assert "names another key than the one that you gave" in said.text
    assert NOT_SIGNED in said.text

    alone = checked(saved, tmp_path)
    assert "The key came with the root" in alone.text  # all that it can say without one


UNREADABLES: dict[str, Tampering] = {
    "no statement": lambda s: s.pages.__setitem__(0, []),
    "no proof of entries": lambda s: [row.pop("proof", None) for row in s.rows],
    "a text for a number": lambda s: s.rows[0].update(seq="nine"),
    "no hexadecimal": lambda s: s.row(2).update(hash="xyz"),
    "no root": lambda s: setattr(s, "root", {"code": "not_found"}),
    "no key": lambda s: s.root["signature"].update(public_key="-----"),
}


@pytest.mark.parametrize("what", UNREADABLES)
def test_a_file_that_is_something_else_is_said_to_be(
    saved: Saved, tmp_path: Path, what: str
) -> None:
    UNREADABLES[what](saved)
    said = checked(saved, tmp_path)
    assert said.code == UNREADABLE, said.text
    assert "cannot be read as what it should be" in said.text


def test_a_root_of_a_format_to_come_is_left_to_a_newer_script(saved: Saved, tmp_path: Path) -> None:
    saved.root["format"] = 2
    said = checked(saved, tmp_path)
    assert "only a newer script can check" in said.text
    assert said.code != HOLDS
