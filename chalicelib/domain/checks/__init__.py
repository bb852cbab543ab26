"""What must always hold of the records, as product code: `docs/invariants.md` says it in words.

Pure, like all of the domain: shown what stands in the ledger, they say what is wrong with it. They
repair nothing.
"""
