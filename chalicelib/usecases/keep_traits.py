"""Keeps the pseudonymous facts beside an account in step with the records they come from.

What a member likes and when it was born is kept there only while a purpose of the kind profiling is
in force: nothing else is done with it there.
"""

from dataclasses import replace
from datetime import date

from chalicelib.domain.consents import ConsentRecord, allows_profiling, purposes_in_force
from chalicelib.domain.members import Person
from chalicelib.domain.preferences import Preferences
from chalicelib.domain.program import Program
from chalicelib.domain.traits import Traits
from chalicelib.usecases.ports import Ports, TraitsChange


def first_traits(
    person: Person, preferences: Preferences | None, last: ConsentRecord, program: Program
) -> TraitsChange:
    """The facts of a new member."""
    return TraitsChange(
        before=None,
        after=of_consents(Traits(), last, program, person, preferences or Preferences()),
    )


def of_consents(
    traits: Traits,
    last: ConsentRecord,
    program: Program,
    person: Person,
    preferences: Preferences,
) -> Traits:
    """The traits after the newest record of consent."""
    consented = replace(
        traits,
        purposes=purposes_in_force(last, program.asks_for),
        profiling=allows_profiling(last),
    )
    return of_preferences(of_person(consented, person), preferences)


def of_person(traits: Traits, person: Person) -> Traits:
    """The traits with what a profile tells of them."""
    address, born = person.postal_address, person.birth_date
    return replace(
        traits,
        country=address.country if address else None,
        birth_month=_month(born) if traits.profiling else None,
    )


def of_preferences(traits: Traits, preferences: Preferences) -> Traits:
    """The traits with what a member says it likes."""
    return replace(traits, interests=preferences.categories if traits.profiling else ())


def after_consents(ports: Ports, member_id: str, last: ConsentRecord) -> TraitsChange | None:
    """What a record of consent changes in a member's traits; None when nothing."""
    kept = ports.people.traits(member_id)
    member = ports.people.member(member_id)
    wishes = ports.people.preferences(member_id).preferences
    person = member.person if member is not None else Person()
    program = ports.programs.active()
    return changed_traits(kept, of_consents(kept or Traits(), last, program, person, wishes))


def changed_traits(before: Traits | None, after: Traits) -> TraitsChange | None:
    """What has to be written; None when nothing has."""
    return None if after == (before or Traits()) else TraitsChange(before, after)


def _month(born: date | None) -> int | None:
    return born.month if born else None
