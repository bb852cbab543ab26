"""Versions as ETags: a resource's ETag is the number of its version. Knows no resource."""

NO_VERSION = -1


def version_in(if_match: str) -> int:
    """The version that an If-Match names; NO_VERSION, which nothing has, for any other text."""
    if if_match.isascii() and if_match.isdigit() and len(if_match) <= 15:
        return int(if_match)
    return NO_VERSION
