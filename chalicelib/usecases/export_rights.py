"""Reads for an export which rights a member made use of, and whether it is held."""

from collections.abc import Iterator

from chalicelib.usecases.export_reading import Reading, Rows, plain


def rights(reading: Reading) -> Iterator[Rows]:
    """What stands of each."""
    erasures, member_id = reading.ports.erasures, reading.member_id
    erasure, hold = erasures.newest(member_id), erasures.hold(member_id)
    restriction = erasures.restriction(member_id)
    if erasure is not None:
        yield {"kind": "erasure", **plain(erasure, "by", "version", "members", "place")}
    if hold is not None:
        yield {"kind": "hold", **plain(hold, "by")}
    if restriction is not None:
        yield {"kind": "restriction", **plain(restriction, "by")}
