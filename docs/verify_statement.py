#!/usr/bin/env python3
"""Checks a saved statement without us: its chain, its place under a day's root, the signature.

Save three answers of the service (as many pages of the statement as there are):

    GET /v1/members/me/entries?proof=true&limit=100     > statement.json
    GET /v1/members/me/entries/proof?root=latest        > proof.json
    GET /v1/roots/latest                                > root.json

    python3 verify_statement.py --statement statement.json --proof proof.json --root root.json

Needs Python 3.10 or later and nothing else; the signature is checked where the library
`cryptography` is installed. A root proves most when it, or the key under it, did not come with the
statement: take it from somebody else, or keep one from before (`--public-key` for a key).

Ends with 0 when everything holds, 1 when something does not, 3 when nothing wrong was found but not
everything could be checked, 2 when a file cannot be read. Shares no line with the service, so that
a mistake of the service is not repeated here.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from base64 import b64decode
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

FORMAT = 1
HOLDS, WRONG, OPEN, NOTE = "holds", "DOES NOT HOLD", "not checked", "note"

Row = Mapping[str, Any]
Say = Callable[[str, str], None]


# --- the statement ------------------------------------------------------------------------------


def check_statement(rows: list[Row], account: str, say: Say) -> None:
    """rows: oldest first, one a number."""
    first, last = rows[0]["seq"], rows[-1]["seq"]
    gaps = [row["seq"] for before, row in pairwise(rows) if row["seq"] != before["seq"] + 1]
    right = f"The entries {first} to {last} are there without a gap."
    _tell(say, gaps, right, "An entry is missing before")
    if first > 1:
        say(OPEN, f"What came before entry {first} is not in these files.")
    _tell(
        say,
        [row["seq"] for row in rows if entry_hash(row, account) != _bytes(row["hash"])],
        "Each entry's hash is the hash of what the entry shows.",
        "Changed, or another account's, because its hash is not that of what it shows:",
    )
    _tell(
        say,
        [row["seq"] for before, row in _steps(rows) if not _follows(before, row, account)],
        "Each entry names the hash of the entry before it, and the first one the account.",
        "Not made to follow the entry before it:",
    )
    _tell(
        say,
        [row["seq"] for before, row in _steps(rows) if not _adds_up(before, row)],
        "Points, available, pending and debt are the sums of the changes that the hashes cover.",
        "Showing figures that the changes do not add up to:",
    )
    _tell(
        say,
        [row["seq"] for row in rows if not _explained(row)],
        "The explanations name the rules and points that the hashes cover (not so their wording).",
        "Explained by other rules or points than its hash covers:",
    )


def entry_hash(row: Row, account: str) -> bytes:
    """The hash that an entry must carry."""
    proof = row["proof"]
    changes = proof["changes"]
    return _sha256(
        _joined(
            account,
            _bytes(proof["previous_hash"]),
            str(row["seq"]),
            row["kind"],
            row["at"],
            row["cause"],
            f"{changes['available']},{changes['pending']},{changes['debt']}",
            str(proof["program_version"]),
            proof["reasons"],
            _bytes(proof["state_digest"]),
            _bytes(proof["commitment"]),
        )
    )


def _follows(before: Row | None, row: Row, account: str) -> bool:
    expected = _bytes(before["hash"]) if before else _sha256(_joined("stampbook/account", account))
    return _bytes(row["proof"]["previous_hash"]) == expected


def _adds_up(before: Row | None, row: Row) -> bool:
    changes = row["proof"]["changes"]
    after = {name: row[f"{name}_after"] for name in ("available", "pending", "debt")}
    sums = {name: (before[f"{name}_after"] if before else 0) + changes[name] for name in after}
    points = changes["available"] + changes["pending"] - changes["debt"]
    whole = all(type(number) is int for number in (*after.values(), row["points"]))
    return whole and after == sums and row["points"] == points


def _explained(row: Row) -> bool:
    shown = [(part["rule_or_offer"], part["points"]) for part in row["explanation"]]
    version = row["proof"]["program_version"]
    if any(part["version"] not in (0, version) for part in row["explanation"]):
        return False
    if not row["proof"]["reasons"]:
        return not shown or sum(points for _, points in shown) == row["points"]
    reasons = [(rule, points) for rule, points, _ in json.loads(row["proof"]["reasons"])]
    if [points for _, points in shown] != [points for _, points in reasons]:
        return False
    if row["kind"] == "expire":  # its reasons are days, which the wording names
        return True
    pairs = zip(shown, reasons, strict=True)
    return all(f"{rule}:".startswith(f"{name}:") for (name, _), (rule, _) in pairs)


def _steps(rows: list[Row]) -> list[tuple[Row | None, Row]]:
    """Each entry whose predecessor is here, with it; None before entry 1."""
    steps: list[tuple[Row | None, Row]] = [(None, rows[0])] if rows[0]["seq"] == 1 else []
    return steps + [
        (before, row) for before, row in pairwise(rows) if row["seq"] == before["seq"] + 1
    ]


# --- the service's own proof, and the root --------------------------------------------------------


def check_proof(rows: list[Row], proof: Row, say: Say) -> None:
    """Whether the statement is the one that the service's proof is about."""
    if proof["valid"] is not True:
        say(WRONG, f"The service itself finds that entry {proof.get('broken_at')} does not hold.")
    by_seq = {row["seq"]: row for row in rows}
    newest, head = rows[-1]["seq"], by_seq.get(proof["entries"])
    if head is None:
        say(
            WRONG,
            f"The proof says that there are {proof['entries']} entries, the statement ends with "
            f"entry {newest} (if it was saved earlier, save it anew).",
        )
    elif head["hash"] != proof["head"]:
        say(WRONG, f"The proof names another hash of entry {proof['entries']} than the statement.")
    else:
        say(HOLDS, f"The statement ends with the entry that the proof is about, {newest}.")


def check_inclusion(rows: list[Row], proof: Row, root: Row, say: Say) -> None:
    """Whether the account is under the root, with an entry of the statement."""
    inclusion = proof.get("inclusion")
    if inclusion is None:
        say(OPEN, "The proof was saved without `?root=`: nothing shows the account under a root.")
        return
    if root["format"] != FORMAT:
        say(OPEN, f"The root is of format {root['format']}, which only a newer script can check.")
        return
    if inclusion["root_date"] != root["root_date"]:
        say(WRONG, f"The proof is for the root of {inclusion['root_date']}, not of this day.")
    _check_counted(rows, inclusion, root["root_date"], say)
    if root_above(proof["account_id"], inclusion) == _bytes(root["root"]):
        say(HOLDS, f"The account is under the root of {root['root_date']}.")
    else:
        say(WRONG, "The proof does not lead to this root: it is another account's or another root.")


def _check_counted(rows: list[Row], inclusion: Row, day: str, say: Say) -> None:
    seq, newest = inclusion["seq"], rows[-1]["seq"]
    counted = next((row for row in rows if row["seq"] == seq), None)
    if counted is not None and counted["hash"] == inclusion["hash"]:
        say(HOLDS, f"The root counts entry {seq} with the hash that it has in the statement.")
    elif counted is not None:
        say(WRONG, f"The root counts entry {seq} with another hash: it was changed since, or then.")
    elif seq < rows[0]["seq"]:
        say(OPEN, f"The root counts entry {seq}, which is not in these files.")
    else:
        say(
            WRONG,
            f"The root counts entry {seq}, which the statement does not have (if it was saved "
            f"before {day}, save it anew).",
        )
    if newest > seq:
        say(NOTE, f"After entry {seq} came later ones: a later root vouches for them.")


def root_above(account: str, inclusion: Row) -> bytes:
    """The root that an account's leaf and the hashes beside its way up lead to."""
    place = _sha256(_joined("stampbook/place", account))
    leaf = _joined(place, str(inclusion["seq"]), _bytes(inclusion["hash"]))
    reached, path = _sha256(b"\x00" + leaf), [_bytes(part) for part in inclusion["path"]]
    if inclusion["bucket"] != place[0] or not 8 <= len(path) <= 256:
        return b""
    for depth, beside in zip(reversed(range(len(path))), path, strict=True):
        right = place[depth // 8] >> (7 - depth % 8) & 1
        reached = _sha256(b"\x01" + (beside + reached if right else reached + beside))
    return reached


def check_signature(root: Row, own_key: str | None, say: Say) -> None:
    """Whether the root was signed, and with which key. own_key: PEM, from elsewhere."""
    signature = root["signature"]
    key = own_key or signature["public_key"]
    if own_key is None:
        fingerprint = _fingerprint(signature["public_key"])
        say(
            NOTE,
            f"The key came with the root. Compare its SHA-256 with what you know: {fingerprint}",
        )
    elif _fingerprint(own_key) != _fingerprint(signature["public_key"]):
        say(WRONG, "The root names another key than the one that you gave.")
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
    except ImportError:
        say(OPEN, "THE SIGNATURE WAS NOT CHECKED: install the library `cryptography` for that.")
        return
    loaded = load_pem_public_key(key.encode())
    if signature["algorithm"] != "ECDSA_SHA_256" or not isinstance(
        loaded, ec.EllipticCurvePublicKey
    ):
        say(OPEN, f"THE SIGNATURE WAS NOT CHECKED: it is by {signature['algorithm']}.")
        return
    try:
        loaded.verify(
            b64decode(signature["value"], validate=True), signed_text(root), ec.ECDSA(SHA256())
        )
    except InvalidSignature:
        say(WRONG, "The signature is not one of this key under this root.")
    else:
        say(HOLDS, f"The root of {root['root_date']} is signed, over {root['accounts']} accounts.")


def signed_text(root: Row) -> bytes:
    """What the signature of a root is over."""
    return _joined(
        "stampbook/root",
        str(root["format"]),
        root["root_date"],
        _bytes(root["root"]),
        str(root["accounts"]),
        root["taken_from"],
        root["taken_until"],
    )


# --- bytes ----------------------------------------------------------------------------------------


def _joined(*parts: bytes | str) -> bytes:
    """Parts, each after its length in four bytes, so that no two lists of parts are alike."""
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _bytes(hexadecimal: str) -> bytes:
    return bytes.fromhex(hexadecimal)


def _fingerprint(pem: str) -> str:
    inside = [line for line in pem.split("\n") if line and not line.startswith("-----")]
    return hashlib.sha256(b64decode("".join(inside))).hexdigest()


# --- files and words ------------------------------------------------------------------------------


def _tell(say: Say, wrong: list[int], when_right: str, when_wrong: str) -> None:
    if wrong:
        say(WRONG, f"{when_wrong} entry {_numbers(wrong)}.")
    else:
        say(HOLDS, when_right)


def _numbers(seqs: list[int]) -> str:
    more = f" and {len(seqs) - 10} more" if len(seqs) > 10 else ""
    return ", ".join(map(str, seqs[:10])) + more


def _document(path: str) -> Any:
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def _accounts(pages: list[Any], say: Say) -> dict[str, list[Row]]:
    """The written entries of all pages by account, oldest first, each once."""
    items = [row for page in pages for row in page["items"]]
    written = [row for row in items if row["seq"] is not None]
    if len(written) < len(items):
        say(NOTE, "What has expired and has no number yet is written with the next entry.")
    if not written or any("proof" not in row for row in written):
        raise ValueError("no statement with entries, saved with `?proof=true`")
    accounts: dict[str, dict[int, Row]] = {}
    for row in written:
        by_seq = accounts.setdefault(row["proof"]["account_id"], {})
        if by_seq.setdefault(row["seq"], row) != row:
            say(WRONG, f"Two entries have the number {row['seq']} and are not the same.")
    return {name: [rows[seq] for seq in sorted(rows)] for name, rows in accounts.items()}


def verify(pages: list[Any], proof: Row, root: Row, own_key: str | None, say: Say) -> None:
    """Check all that can be checked, and say it."""
    accounts, proved = _accounts(pages, say), proof["account_id"]
    for account, rows in accounts.items():
        say(NOTE, f"What follows is about the account {account}.")
        check_statement(rows, account, say)
        if account == proved:
            check_proof(rows, proof, say)
            check_inclusion(rows, proof, root, say)
        else:
            say(OPEN, f"No root is shown to count {account}: its owner's own proof does.")
    if proved not in accounts:
        say(WRONG, f"The proof is about the account {proved}, of which there is no entry.")
    check_signature(root, own_key, say)


def main(arguments: list[str] | None = None) -> int:
    """Check the files and print what holds; the exit code."""
    parser = argparse.ArgumentParser(description="Check a saved statement offline.")
    parser.add_argument("--statement", nargs="+", required=True, help="its pages, in any order")
    parser.add_argument("--proof", required=True)
    parser.add_argument("--root", required=True)
    parser.add_argument("--public-key", help="PEM, from elsewhere than the root")
    given = parser.parse_args(arguments)
    said: set[str] = set()

    def say(verdict: str, sentence: str) -> None:
        said.add(verdict)
        print(f"{verdict:14} {sentence}")

    try:
        pages = [_document(path) for path in given.statement]
        proof, root = _document(given.proof), _document(given.root)
        own_key = None
        if given.public_key is not None:
            with open(given.public_key, encoding="utf-8") as file:
                own_key = file.read()
        verify(pages, proof, root, own_key, say)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"A file cannot be read as what it should be: {error!r}", file=sys.stderr)
        return 2
    if WRONG in said:
        print("\nSomething does not hold.")
        return 1
    if OPEN in said:
        print("\nNothing wrong was found, but not everything was checked.")
        return 3
    print("\nEverything holds.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
