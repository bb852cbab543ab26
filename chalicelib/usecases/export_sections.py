"""The sections of an export: each is a file of JSON and one of CSV, made of what a reader finds.

To add one: write a reader, `Callable[[Reading], Iterable[Rows]]`, in a file `export_<what>.py`, and
add a Section here under the name that the register's items of it say. A reader gives plain rows:
dicts of texts, numbers, dates and lists, as `export_reading.plain` makes them; it leaves out what
the register withholds, and what is somebody else's.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chalicelib.domain.register import Words
from chalicelib.usecases import (
    export_contact,
    export_interactions,
    export_people,
    export_points,
    export_rights,
)
from chalicelib.usecases.export_reading import Reading, Rows

__all__ = ["SECTIONS", "Reading", "Rows", "Section"]


@dataclass(frozen=True, slots=True)
class Section:
    """name: of its files, and of the register's items in it."""

    name: str
    title: Words
    read: Callable[[Reading], Iterable[Rows]]


SECTIONS = (
    Section(
        "profile",
        Words("Who you are to us", "Wer Sie für uns sind"),
        export_people.profile,
    ),
    Section(
        "preferences",
        Words("What you want to hear, and how", "Was Sie hören möchten, und wie"),
        export_people.preferences,
    ),
    Section(
        "consents",
        Words("What you agreed to or withdrew", "Was Sie erlaubt oder widerrufen haben"),
        export_people.consents,
    ),
    Section(
        "contact",
        Words("For what and how you may be written to", "Wozu und wie man Ihnen schreiben darf"),
        export_contact.contact,
    ),
    Section(
        "traits",
        Words("What offers may know of you", "Was Angebote von Ihnen wissen dürfen"),
        export_people.traits,
    ),
    Section(
        "cards",
        Words("Your payment cards on file, without their numbers", "Ihre hinterlegten Karten"),
        export_people.cards,
    ),
    Section(
        "messages",
        Words("What you were told of expiring points", "Was Ihnen über Punkteverfall gesagt wurde"),
        export_people.messages,
    ),
    Section(
        "announcements",
        Words(
            "Which offers we wrote to you about", "Über welche Angebote wir Ihnen geschrieben haben"
        ),
        export_people.announcements,
    ),
    Section(
        "freshness",
        Words(
            "When you confirmed your details, and whether we reach you",
            "Wann Sie Ihre Angaben bestätigten, und ob wir Sie erreichen",
        ),
        export_people.freshness,
    ),
    Section(
        "account",
        Words("Your points as they are now", "Ihre Punkte, wie sie jetzt sind"),
        export_points.account,
    ),
    Section(
        "statement",
        Words("Every change of your points", "Jede Änderung Ihrer Punkte"),
        export_points.statement,
    ),
    Section(
        "purchases",
        Words("Your purchases and returns", "Ihre Einkäufe und Rückgaben"),
        export_points.purchases,
    ),
    Section(
        "purchase_lines",
        Words(
            "What was on the receipts, line by line", "Was auf den Belegen stand, Zeile für Zeile"
        ),
        export_points.purchase_lines,
    ),
    Section(
        "redemptions",
        Words("What you spent points on", "Wofür Sie Punkte ausgegeben haben"),
        export_points.redemptions,
    ),
    Section(
        "operations",
        Words(
            "Transfers, households, corrections and points brought along",
            "Übertragungen, Haushalte, Korrekturen und mitgebrachte Punkte",
        ),
        export_points.operations,
    ),
    Section(
        "interactions",
        Words("What you told us", "Was Sie uns sagten"),
        export_interactions.interactions,
    ),
    Section(
        "accesses",
        Words("Who looked at your data, and why", "Wer Ihre Daten ansah, und warum"),
        export_people.accesses,
    ),
    Section(
        "rights",
        Words(
            "Whether you asked to be forgotten, and whether your data is kept unused or held",
            "Ob Sie um Löschung baten, und ob Ihre Daten ungenutzt oder gesperrt aufbewahrt werden",
        ),
        export_rights.rights,
    ),
    Section(
        "exports",
        Words("When you asked for a copy", "Wann Sie eine Kopie verlangten"),
        export_people.exports,
    ),
)
