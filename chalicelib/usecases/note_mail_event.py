"""A mail came back, or whoever got it called it unwanted: nobody is written to as before.

What comes back for good closes the channel until its address is proved again. A complaint withdraws
every consent to advertisements by mail. Telling twice, late or out of order changes nothing.
"""

from datetime import datetime

from chalicelib.domain.consents import Evidence, How, Statement, recorded
from chalicelib.domain.findings import Unacceptable
from chalicelib.domain.freshness import FreshnessChange
from chalicelib.domain.identifiers import Channel, Kind
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.mail_events import MailEvent, MailTrouble
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.purposes import Purpose, PurposeKind
from chalicelib.usecases.identify import identify
from chalicelib.usecases.ports import PeopleWrite, Ports
from chalicelib.usecases.reach_of import reach_change, reach_of
from chalicelib.usecases.save_people import save_people
from chalicelib.usecases.set_consents import write_of
from chalicelib.usecases.settle import Waiting

_SOURCE = "complaint"


def note_mail_event(ports: Ports, event: MailEvent, now: datetime) -> bool:
    """Keep what an event says of a member; whether anything changed by it. Of an address that is
    no member's, nothing is kept.

    Raises StoreUnavailable, TryAgain, MemberErased.
    """
    member_id = _member_at(ports, event.address)
    if member_id is None:
        return False
    waiting = Waiting(ports.patience)
    while True:
        match event.trouble:
            case MailTrouble.BOUNCED:
                write = _bounced(ports, member_id, event)
            case MailTrouble.COMPLAINED:
                write = _withdrawn(ports, member_id, now)
        if write is None:
            return False
        if save_people(ports, write) == "saved":
            return True
        waiting.once_more()


def _member_at(ports: Ports, address: str) -> str | None:
    try:
        return ports.people.find(identify(Kind.EMAIL, address))
    except Unacceptable:  # written by hand somewhere on the way, or cut short
        return None


def _bounced(ports: Ports, member_id: str, event: MailEvent) -> PeopleWrite | None:
    """None where as much is known, and of a mail from before the address was proved."""
    reach, fresh = reach_of(ports, member_id), ports.roll.fresh(member_id)
    known = (fresh.bounced.get(Channel.EMAIL), fresh.healed.get(Channel.EMAIL))
    sent_at = whole_milliseconds(event.sent_at)
    if any(at is not None and at >= sent_at for at in known):
        return None
    return PeopleWrite(
        member_id,
        reach=reach_change(reach, bouncing=Channel.EMAIL),
        freshness=FreshnessChange(bounced={Channel.EMAIL: sent_at}),
    )


def _withdrawn(ports: Ports, member_id: str, now: datetime) -> PeopleWrite | None:
    """The end of every consent that lets advertisements be mailed; None where there is none."""
    last = ports.people.last_consent(member_id)
    if last is None:
        return None
    mailed = [
        said
        for said in last.standing.values()
        if said.granted
        and said.kind is PurposeKind.MARKETING
        and MessageChannel.MAIL in said.channels
    ]
    ends = [
        Statement(said.purpose, granted=False, policy_version=said.policy_version)
        for said in mailed
    ]
    records = recorded(
        last,
        ends,
        _SOURCE,
        whole_milliseconds(now),
        asked={said.purpose: Purpose(said.purpose, said.kind, said.channel) for said in mailed},
        evidence=Evidence(How.COMPLAINT),
    )
    return write_of(ports, member_id, records) if records else None
