"""Which shard of the index of last days an account is in. Says nothing of points.

At a month's end the points of millions of accounts expire on one day. Their hints are spread over
a fixed number of shards, so that writing them meets no hot key and many can look through them.
"""

import hashlib

SHARDS = 16
"""Never changed: hints lie where they were written. Each takes 1,000 hints a second, and an hour
in which nothing is due costs a read of each."""


def shard_of(account_id: str) -> int:
    """The shard (0 to 15) that an account's hints are in, for ever the same."""
    return hashlib.sha256(account_id.encode()).digest()[0] % SHARDS
