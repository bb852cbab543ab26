"""How an export reads: tables that spreadsheets open safely, and words for people."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.export_text import csv_text, fields_csv, readme
from chalicelib.domain.register import REGISTER, Words
from chalicelib.usecases.export_reading import SOMEBODY_ELSE, without_others

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def cells(*rows: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_text(rows))))


def test_nested_fields_are_columns_with_dots() -> None:
    assert cells({"name": {"given": "Ann"}, "age": 7}) == [{"name.given": "Ann", "age": "7"}]


def test_rows_of_different_fields_share_a_table() -> None:
    assert cells({"a": 1}, {"b": True}) == [{"a": "1", "b": ""}, {"a": "", "b": "yes"}]


def test_lists_are_read_as_texts_whichever_kind_of_list_they_are() -> None:
    [row] = cells({"plain": ("mail", "sms"), "rows": ({"points": 2},), "none": (), "empty": []})
    assert row == {"plain": "mail; sms", "rows": '[{"points": 2}]', "none": "", "empty": ""}


def test_no_cell_is_calculated_by_a_spreadsheet() -> None:
    dangerous = ["=1+1", "+49 30", "-5", "@cmd", "\tx", "\rx"]
    for text in dangerous:
        assert cells({"text": text})[0]["text"] == f"'{text}"
    assert cells({"points": -5}) == [{"points": "-5"}]  # a number may be one


def test_text_of_any_kind_comes_through() -> None:
    text = 'Zoë "the\nbean", 5,00 €'
    assert cells({"text": text}) == [{"text": text}]


def test_nothing_at_all_is_an_empty_table() -> None:
    assert csv_text([]).strip() == ""


def test_another_member_is_left_out_wherever_it_stands() -> None:
    row = {
        "from": "mem_mine",
        "to": "mem_other",
        "household": ["mem_other"],
        "why": [{"x": "mem_b"}],
    }
    assert without_others(row, "mem_mine") == {
        "from": "mem_mine",
        "to": SOMEBODY_ELSE,
        "household": [SOMEBODY_ELSE],
        "why": [{"x": SOMEBODY_ELSE}],
    }


def test_the_readme_says_in_either_language_what_is_in_each_file() -> None:
    titles = {"profile": Words("Who you are", "Wer Sie sind")}
    english, german = (readme(titles, NOW, language) for language in ("en", "de"))
    assert "22 November 2026" in english
    assert "profile.json, profile.csv\n  Who you are." in english
    assert "22.11.2026" in german
    assert "  Wer Sie sind.\n  - Ihr Profil" in german


def test_every_exported_field_is_described_once() -> None:
    sections = sorted(
        {row.item.section for row in REGISTER.rows if row.exported and row.item.section}
    )
    rows = list(csv.DictReader(io.StringIO(fields_csv(sections))))
    told = [(row["file"], row["what"], row["field"]) for row in rows]
    assert len(told) == len(set(told))
    assert {row["file"] for row in rows} == set(sections)
