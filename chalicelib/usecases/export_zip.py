"""An export as the bytes of a zip file: README, and JSON and CSV of every section."""

import io
import json
from collections.abc import Iterator
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from chalicelib.domain.export_text import csv_text, fields_csv, readme
from chalicelib.usecases.export_sections import SECTIONS, Reading


def zipped(reading: Reading) -> bytes:
    """The zip file of everything that is held of a member. Raises MemberNotFound."""
    held = io.BytesIO()
    with ZipFile(held, "w", ZIP_DEFLATED) as made:
        for name, text in _files(reading):
            made.writestr(_entry(name, reading.now), text.encode())
    return held.getvalue()


def _files(reading: Reading) -> Iterator[tuple[str, str]]:
    titles = {section.name: section.title for section in SECTIONS}
    yield "README.txt", readme(titles, reading.now, "en")
    yield "LIESMICH.txt", readme(titles, reading.now, "de")
    yield "fields.csv", fields_csv(list(titles))
    for section in SECTIONS:
        rows = list(section.read(reading))
        yield f"{section.name}.json", json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
        yield f"{section.name}.csv", csv_text(rows)


def _entry(name: str, now: datetime) -> ZipInfo:
    entry = ZipInfo(name, (now.year, now.month, now.day, now.hour, now.minute, now.second))
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o600 << 16  # whoever unpacks it alone may read it
    return entry
