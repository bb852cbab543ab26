"""Keeps the pseudonymous facts beside an account in step with the records they come from.

What a member likes, when it was born and its attributes are kept there only while a purpose of the
kind profiling is in force: nothing else is done with it there.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from chalicelib.domain.consents import ConsentRecord, allows_profiling, purposes_in_force
from chalicelib.domain.instants import local_date
from chalicelib.domain.members import AttributeValue, Member, Person
from chalicelib.domain.preferences import Preferences
from chalicelib.domain.program import Program
from chalicelib.domain.refusals import MemberNotFound
from chalicelib.domain.traits import (
    LONGEST_ATTRIBUTE_BYTES,
    MOST_ATTRIBUTES,
    Traits,
    language_of,
)
from chalicelib.usecases.ports import PeopleWrite, Ports, TraitsChange
from chalicelib.usecases.save_people import save_people
from chalicelib.usecases.settle import Waiting


def first_traits(
    member: Member, preferences: Preferences | None, last: ConsentRecord, program: Program
) -> TraitsChange:
    """The facts of a new member."""
    wishes = preferences or Preferences()
    return TraitsChange(None, of_consents(Traits(), last, program, member, wishes))


def of_consents(
    traits: Traits,
    last: ConsentRecord,
    program: Program,
    member: Member | None,
    preferences: Preferences,
) -> Traits:
    """The traits after the newest record of consent."""
    consented = replace(
        traits,
        purposes=purposes_in_force(last, program.asks_for),
        profiling=allows_profiling(last),
    )
    return of_member(consented, program, member, preferences)


def of_member(
    traits: Traits, program: Program, member: Member | None, preferences: Preferences
) -> Traits:
    """The traits with what a profile tells of a member, and it itself of what it likes."""
    person = member.person if member is not None else Person()
    address, born = person.postal_address, person.birth_date
    language = preferences.language or person.locale
    return replace(
        traits,
        country=address.country if address else None,
        birth_month=_month(born) if traits.profiling else None,
        interests=preferences.categories if traits.profiling else (),
        attributes=_attributes(program, person) if traits.profiling else (),
        language=language_of(language) if language else None,
        joined_on=local_date(member.enrolled_at, program.zone) if member else traits.joined_on,
    )


def after_consents(ports: Ports, member_id: str, last: ConsentRecord) -> TraitsChange | None:
    """What a record of consent changes in a member's traits; None when nothing."""
    kept = ports.people.traits(member_id)
    member = ports.people.member(member_id)
    wishes = ports.people.preferences(member_id).preferences
    program = ports.programs.active()
    return changed_traits(kept, of_consents(kept or Traits(), last, program, member, wishes))


def changed_traits(before: Traits | None, after: Traits) -> TraitsChange | None:
    """What has to be written; None when nothing has."""
    return None if after == (before or Traits()) else TraitsChange(before, after)


def change_traits(ports: Ports, member_id: str, change: Callable[[Traits], Traits]) -> Traits:
    """Change what stands beside a member's account, whatever else changes there meanwhile. The
    traits after it.

    change: called anew for each try. Raises MemberNotFound, MemberErased, TryAgain.
    """
    waiting = Waiting(ports.patience)
    while True:
        kept = ports.people.traits(member_id)
        if kept is None and ports.ledger.head(member_id) is None:
            raise MemberNotFound
        after = change(kept or Traits())
        changed = changed_traits(kept, after)
        if changed is None or save_people(ports, PeopleWrite(member_id, traits=changed)) == "saved":
            return after
        waiting.once_more()


def _month(born: date | None) -> int | None:
    return born.month if born else None


def _attributes(program: Program, person: Person) -> tuple[tuple[str, str], ...]:
    """The attributes that are facts. One that is too long is none: a part of it would be another
    value."""
    told = (
        (name, _in_words(person.attributes[name]))
        for name in program.attributes[:MOST_ATTRIBUTES]
        if name in person.attributes
    )
    return tuple((name, text) for name, text in told if len(text.encode()) <= _LONGEST)


_LONGEST = LONGEST_ATTRIBUTE_BYTES


def _in_words(value: AttributeValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
