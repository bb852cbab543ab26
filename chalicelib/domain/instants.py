"""Instants: UTC, whole milliseconds, printed as RFC 3339. Knows no clock."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:[0-5]\d)",
    re.ASCII,
)


def whole_milliseconds(instant: datetime) -> datetime:
    """Cut an aware instant to UTC milliseconds, the precision everything is stored with."""
    utc = instant.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def printed(instant: datetime) -> str:
    """Print an instant as `2026-11-22T01:49:09.123Z`; sorts as text the way it sorts in time."""
    return whole_milliseconds(instant).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parsed(text: str) -> datetime:
    """Read an RFC 3339 instant with its offset; ValueError when it is none."""
    if not _RFC3339.fullmatch(text):
        raise ValueError("not an RFC 3339 instant with an offset")
    try:
        return whole_milliseconds(datetime.fromisoformat(text.upper()))
    except OverflowError as error:
        raise ValueError("out of range") from error


def local_date(instant: datetime, zone: str) -> date:
    """The calendar day of an instant in an IANA zone."""
    return instant.astimezone(ZoneInfo(zone)).date()


def local_time(instant: datetime, zone: str) -> time:
    """What a clock on the wall shows at an instant in an IANA zone."""
    return instant.astimezone(ZoneInfo(zone)).time()
