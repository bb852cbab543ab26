"""The register of what is held: every stored field, what it is for, how long, and who sees it.

The privacy notice, the record of processing, the export's descriptions and the tests that look for
unregistered fields all come from `REGISTER`. It knows no storage: tests hold the two together.

To store something new:

1. Write an `Item` (see `rows.py`) in a file of this package, and add the file's `ITEMS` below.
   `name` is the storage class without `Item`, in snake case. Name every attribute but `t`. What is
   about a member is `personal` (that is the default); `told` says it to members in both languages.
   A part of a sealed or packed attribute has a field of its own, with dots: `f.email`.
2. Where the attribute is sealed or packed, say in `tests/register/shapes.py` how it is read.
3. For what is personal, name the `section` of the export that shows it, and see that a reader in
   `usecases/export_sections.py` does; or say in `withheld` why it is left out.
4. Plant a canary in each of its fields in `tests/register/planting.py`, by the real store.

`tests/register/` goes red for a stored attribute without a row, a row without an attribute, and a
personal field that no section of a member's export shows.
"""

from chalicelib.domain.register import (
    duplicates,
    erasure,
    files,
    freshness,
    interactions,
    ledger,
    people,
    reach,
    reviews,
    staff,
    webhooks,
)
from chalicelib.domain.register.rows import (
    Basis,
    Field,
    Item,
    Place,
    Purpose,
    Reader,
    Recipient,
    Register,
    Retention,
    Row,
    Words,
    kept,
)

REGISTER = Register(
    (
        *people.ITEMS,
        *reach.ITEMS,
        *ledger.ITEMS,
        *staff.ITEMS,
        *files.ITEMS,
        *interactions.ITEMS,
        *freshness.ITEMS,
        *erasure.ITEMS,
        *duplicates.ITEMS,
        *reviews.ITEMS,
        *webhooks.ITEMS,
    )
)

__all__ = [
    "REGISTER",
    "Basis",
    "Field",
    "Item",
    "Place",
    "Purpose",
    "Reader",
    "Recipient",
    "Register",
    "Retention",
    "Row",
    "Words",
    "kept",
]
