"""How an export reads: rows as CSV that is safe to open in a spreadsheet, and the README.

Pure; knows rows and words, and nothing of whose they are.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.domain.register import REGISTER, Words
from chalicelib.domain.register.rows import Register

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as CSV: nested fields as columns with dots, lists of several fields as JSON texts."""
    flat = [dict(_flattened(row)) for row in rows]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(columns)
    for row in flat:
        lines.writerow(_cell(row.get(name)) for name in columns)
    return text.getvalue()


def _flattened(row: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, Mapping) and value:
            yield from _flattened(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _cell(value: Any) -> object:
    match value:
        case None | {} | []:
            return ""
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            simple = all(isinstance(part, str | int) for part in value)
            text = "; ".join(map(str, value)) if simple else json.dumps(value, ensure_ascii=False)
            return _safe(text)
        case str():
            return _safe(value)
        case _:
            return value


def _safe(text: str) -> str:
    """What a spreadsheet would calculate is made text by an apostrophe before it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def readme(
    titles: Mapping[str, Words], now: datetime, language: str, register: Register = REGISTER
) -> str:
    """What is in the zip, in plain words. titles: of each section, by its name. language: `de`, or
    English."""
    german = language == "de"
    made = now.strftime("%d.%m.%Y, %H:%M UTC" if german else "%d %B %Y, %H:%M UTC")
    return "\n".join(
        [
            (_HEAD_DE if german else _HEAD_EN).format(made=made),
            *(_about(name, title, german, register) for name, title in titles.items()),
            _TAIL_DE if german else _TAIL_EN,
        ]
    )


def _about(name: str, title: Words, german: bool, register: Register) -> str:
    told = [item.told for item in register.items if item.section == name and item.told is not None]
    lines = [f"{name}.json, {name}.csv", f"  {title.de if german else title.en}."]
    return "\n".join([*lines, *(f"  - {one.de if german else one.en}" for one in told), ""])


def fields_csv(sections: Sequence[str], register: Register = REGISTER) -> str:
    """Every stored field that the files show, with what it is and what it is for."""
    told = [
        (
            section,
            row.item.words,
            row.field.words,
            row.item.purpose,
            row.item.basis,
            row.item.retention,
        )
        for section in sections
        for row in register.of_section(section)
    ]
    names = ("file", "what", "field", "purpose", "legal_basis", "retention")
    once = dict.fromkeys(tuple(map(str, one)) for one in told)  # both keys of an item say one thing
    return csv_text([dict(zip(names, one, strict=True)) for one in once])


_HEAD_EN = """\
YOUR DATA
=========

This is a copy of everything that we hold of you, made on {made}.

Every file is there twice: as JSON, for programs, and as CSV, for spreadsheets such as Excel or
LibreOffice. An empty file means that we hold nothing of that kind. Points are whole numbers.
Amounts of money are in cents or the like ("minor units"): 1250 is 12.50.

Keep this file where only you can read it.

WHAT IS IN IT
-------------
"""
_TAIL_EN = """\
fields.csv
  What each stored field is, what it is for, on which legal ground, and how long it stays.

WHAT IS NOT IN IT
-----------------

- Passwords and card numbers: we do not have them.
- Other people: where something also concerns somebody else, it says "another member".
- Digests and keys that only serve to find or to protect your data; they say nothing that is not
  in these files in clear.
- If you share a household's points, the statement is that of the shared account; of purchases,
  only your own are shown.

WHAT YOU CAN DO
---------------

You can have details corrected, have everything erased, have your account frozen, withdraw any
consent, and see who looked at your data. The privacy notice of the program says how.
"""
_HEAD_DE = """\
IHRE DATEN
==========

Dies ist eine Kopie von allem, was wir über Sie speichern, erstellt am {made}.

Jede Datei gibt es zweimal: als JSON für Programme und als CSV für Tabellen wie Excel oder
LibreOffice. Eine leere Datei heißt, dass wir davon nichts haben. Punkte sind ganze Zahlen.
Geldbeträge stehen in Cent oder Ähnlichem ("minor units"): 1250 sind 12,50.

Bewahren Sie diese Datei so auf, dass nur Sie sie lesen können.

WAS DARIN IST
-------------
"""
_TAIL_DE = """\
fields.csv
  Was jedes gespeicherte Feld ist, wozu es dient, auf welcher Grundlage, und wie lange es bleibt.

WAS NICHT DARIN IST
-------------------

- Passwörter und Kartennummern: Die haben wir nicht.
- Andere Menschen: Wo etwas auch jemand anderen betrifft, steht "another member".
- Prüfsummen und Schlüssel, die nur dem Finden oder dem Schutz Ihrer Daten dienen; sie sagen
  nichts, was nicht lesbar in diesen Dateien steht.
- Wenn Sie sich mit anderen ein Punktekonto teilen, ist der Auszug der des gemeinsamen Kontos; von
  den Einkäufen stehen nur Ihre eigenen hier.

WAS SIE TUN KÖNNEN
------------------

Sie können Angaben berichtigen, alles löschen, Ihr Konto einfrieren lassen, jede Einwilligung
widerrufen und sehen, wer Ihre Daten angesehen hat. Die Datenschutzhinweise sagen, wie.
"""
