"""A member sets its preferences as a whole."""

from datetime import datetime

from chalicelib.domain.findings import Findings
from chalicelib.domain.freshness import FreshnessChange
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.preferences import PreferencesDraft, preferences
from chalicelib.domain.refusals import VersionStale
from chalicelib.domain.traits import Traits
from chalicelib.usecases.keep_traits import changed_traits, of_member
from chalicelib.usecases.ports import KeptPreferences, PeopleWrite, Ports
from chalicelib.usecases.reach_of import reach_change, reach_of
from chalicelib.usecases.read_preferences import read_preferences
from chalicelib.usecases.save_people import save_people
from chalicelib.usecases.settle import Waiting


def set_preferences(
    ports: Ports, member_id: str, draft: PreferencesDraft, version: str, now: datetime
) -> KeptPreferences:
    """Replace preferences that are still of the version the caller has read.

    Raises MemberNotFound, VersionStale, InvalidContent, TryAgain.
    """
    before = _of_version(ports, member_id, version)
    findings = Findings()
    wanted = preferences(draft, findings)
    findings.settle()
    if wanted == before.preferences and before.version:  # to want the defaults is to say so
        return before
    after = KeptPreferences(wanted, before.version + 1)
    waiting = Waiting(ports.patience)
    while save_people(ports, write_of(ports, member_id, after, now)) != "saved":
        # The traits beside the account changed, or the preferences did.
        _of_version(ports, member_id, version)
        waiting.once_more()
    return after


def _of_version(ports: Ports, member_id: str, version: str) -> KeptPreferences:
    kept = read_preferences(ports, member_id)
    if str(kept.version) != version:
        raise VersionStale
    return kept


def write_of(ports: Ports, member_id: str, after: KeptPreferences, now: datetime) -> PeopleWrite:
    """What has to be written for these preferences: with all that rests on them."""
    reach = reach_of(ports, member_id)
    kept = ports.people.traits(member_id)
    member, program = ports.people.member(member_id), ports.programs.active()
    traits = of_member(kept or Traits(), program, member, after.preferences)
    return PeopleWrite(
        member_id,
        preferences=after,
        traits=changed_traits(kept, traits),
        reach=reach_change(reach, preferences=after.preferences),
        freshness=FreshnessChange(active_at=whole_milliseconds(now)),
    )
