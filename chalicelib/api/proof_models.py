"""What is answered to those who check a statement by themselves: `docs/verify_statement.py` does.

Hashes are hexadecimal. Texts that a hash covers are given as they were hashed.
"""

from typing import Annotated

import msgspec

from chalicelib.api.shell import Instant
from chalicelib.domain.entries import Entry, packed_why, state_digest
from chalicelib.domain.instants import printed
from chalicelib.domain.roots import FORMAT, SignedRoot
from chalicelib.usecases.prove_inclusion import Inclusion

RootDate = Annotated[str, msgspec.Meta(pattern="^(latest|[0-9]{4}-[0-9]{2}-[0-9]{2})$")]
"""A day in UTC, or `latest`."""


class Changes(msgspec.Struct, frozen=True):
    """What an entry changed."""

    available: int
    pending: int
    debt: int


class EntryProof(msgspec.Struct, frozen=True):
    """What an entry's hash covers beside what its row shows. account_id: whose it is, which is not
    the member's own where an account is shared. reasons: JSON rows of rule, points and money.
    state_digest: of the account after it. commitment: to what could identify somebody."""

    account_id: str
    previous_hash: str
    changes: Changes
    program_version: int
    reasons: str
    state_digest: str
    commitment: str


class InclusionAnswer(msgspec.Struct, frozen=True):
    """seq, hash: the account's newest entry as the root counts it. path: the hashes beside the way
    from the account's leaf up to the root."""

    root_date: str
    seq: int
    hash: str
    bucket: int
    path: list[str]


class RootSignature(msgspec.Struct, frozen=True):
    """value: base 64, DER. public_key: PEM."""

    algorithm: str
    key_id: str
    public_key: str
    value: bytes


class RootAnswer(msgspec.Struct, frozen=True):
    """root_date: in UTC. accounts: how many are under the root, each with the entry that was its
    newest at some instant from `taken_from` to `taken_until`."""

    format: int
    root_date: str
    root: str
    accounts: int
    taken_from: Instant
    taken_until: Instant
    signature: RootSignature


def entry_proof(entry: Entry) -> EntryProof:
    """What must be known of an entry to compute its hash anew."""
    return EntryProof(
        account_id=entry.account_id,
        previous_hash=entry.previous_hash.hex(),
        changes=Changes(entry.available, entry.pending, entry.debt),
        program_version=entry.program_version,
        reasons=packed_why(entry.why),
        state_digest=state_digest(entry).hex(),
        commitment=entry.commitment.hex(),
    )


def inclusion_answer(inclusion: Inclusion) -> InclusionAnswer:
    """An inclusion as it is answered."""
    return InclusionAnswer(
        root_date=inclusion.day.isoformat(),
        seq=inclusion.seq,
        hash=inclusion.head.hex(),
        bucket=inclusion.bucket,
        path=[part.hex() for part in inclusion.path],
    )


def root_answer(signed: SignedRoot) -> RootAnswer:
    """A root as it is answered."""
    root, signature = signed.root, signed.signature
    return RootAnswer(
        format=FORMAT,
        root_date=root.day.isoformat(),
        root=root.hash.hex(),
        accounts=root.accounts,
        taken_from=printed(root.taken_from),
        taken_until=printed(root.taken_until),
        signature=RootSignature(
            signature.algorithm, signature.key_id, signature.public_key, signature.value
        ),
    )
