"""Instants: printed as they sort, read back as they were, and no text breaks the reader."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain.instants import local_date, parsed, printed, whole_milliseconds

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 31), timezones=OFFSETS)  # noqa: DTZ001  # Hypothesis adds the zone


@given(INSTANTS)
def test_what_was_printed_reads_back(instant: datetime) -> None:
    assert parsed(printed(instant)) == whole_milliseconds(instant)
    assert printed(parsed(printed(instant))) == printed(instant)


@given(INSTANTS, INSTANTS)
def test_printed_instants_sort_as_they_follow_each_other(one: datetime, other: datetime) -> None:
    earlier = whole_milliseconds(one) < whole_milliseconds(other)
    assert (printed(one) < printed(other)) == earlier


@given(INSTANTS)
def test_an_instant_is_cut_never_rounded_up(instant: datetime) -> None:
    cut = whole_milliseconds(instant)
    assert timedelta(0) <= instant - cut < timedelta(milliseconds=1)
    assert cut.tzinfo is UTC
    assert whole_milliseconds(cut) == cut


@given(INSTANTS)
def test_a_printed_instant_has_one_shape(instant: datetime) -> None:
    text = printed(instant)
    assert len(text) == len("2026-11-22T01:49:09.123Z")
    assert text.endswith("Z")
    assert text[19] == "."


@given(INSTANTS)
def test_the_zone_it_was_said_in_makes_no_difference(instant: datetime) -> None:
    elsewhere = instant.astimezone(timezone(timedelta(hours=-5, minutes=-30)))
    assert printed(elsewhere) == printed(instant)
    assert parsed(elsewhere.isoformat()) == whole_milliseconds(instant)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-22T01:49:09Z", "2026-11-22T01:49:09.000Z"),
        ("2026-11-22t01:49:09z", "2026-11-22T01:49:09.000Z"),
        ("2026-11-22 01:49:09Z", "2026-11-22T01:49:09.000Z"),
        ("2026-11-22T01:49:09.1Z", "2026-11-22T01:49:09.100Z"),
        ("2026-11-22T01:49:09.123456789Z", "2026-11-22T01:49:09.123Z"),
        ("2026-11-22T01:49:09.9999Z", "2026-11-22T01:49:09.999Z"),
        ("2026-11-22T01:49:09+01:30", "2026-11-22T00:19:09.000Z"),
        ("2026-11-22T01:49:09-00:00", "2026-11-22T01:49:09.000Z"),
        ("2024-02-29T23:59:59-12:00", "2024-03-01T11:59:59.000Z"),
    ],
)
def test_rfc_3339_in_all_its_forms_is_read(text: str, shown: str) -> None:
    assert printed(parsed(text)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-22",
        "2026-11-22T01:49:09",
        "2026-11-22T01:49Z",
        "2026-11-22T01:49:09.Z",
        "2026-11-22T01:49:09.1234567890Z",
        "2026-11-22T01:49:09,5Z",
        "2026-11-22T01:49:09+0100",
        "2026-11-22T01:49:09+01:30:30",
        "2026-11-22T01:49:09+24:00",
        "2026-11-22T01:49:09+01:99",
        "2026-11-22T24:00:00Z",
        "2026-11-22T01:49:60Z",
        "2026-02-29T01:49:09Z",
        "2026-13-01T01:49:09Z",
        "2026-11-00T01:49:09Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "+02026-11-22T01:49:09Z",
        " 2026-11-22T01:49:09Z",
        "2026-11-22T01:49:09Z\n",
        "2026-W47-7T01:49:09Z",
        "20261122T014909Z",
        "٢٠٢٦-11-22T01:49:09Z",
        "2026-11-22T01:49:09\u2212" + "01:00",
        "\ud800",
        "1" * 100_000,
    ],
)
def test_what_is_no_rfc_3339_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parsed(text)


@given(st.text(max_size=40) | st.from_regex(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?(Z|.{6})"))
@example("0001-01-01T00:00:00+23:59")
@example("9999-12-31T23:59:59-23:59")
def test_no_text_raises_anything_but_a_value_error(text: str) -> None:
    try:
        instant = parsed(text)
    except ValueError:
        return
    assert parsed(printed(instant)) == instant


# --- days ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("2026-11-22T22:59:59.999Z", "Europe/Berlin", date(2026, 11, 22)),
        ("2026-11-22T23:00:00Z", "Europe/Berlin", date(2026, 11, 23)),
        ("2026-07-22T22:00:00Z", "Europe/Berlin", date(2026, 7, 23)),
        ("2026-11-22T09:59:59Z", "Pacific/Kiritimati", date(2026, 11, 22)),
        ("2026-11-22T10:00:00Z", "Pacific/Kiritimati", date(2026, 11, 23)),
        ("2026-03-29T00:59:59Z", "Europe/Berlin", date(2026, 3, 29)),
    ],
)
def test_a_day_is_the_zones_own(text: str, zone: str, day: date) -> None:
    assert local_date(parsed(text), zone) == day


@given(INSTANTS)
def test_a_day_depends_on_the_instant_not_on_how_it_was_said(instant: datetime) -> None:
    assert local_date(instant, "Asia/Tokyo") == local_date(instant.astimezone(UTC), "Asia/Tokyo")
