"""What a member wants to hear, how and how often."""

from chalicelib.usecases.ports import KeptPreferences, Ports
from chalicelib.usecases.read_member import known_member


def read_preferences(ports: Ports, member_id: str) -> KeptPreferences:
    """A member's preferences, with their version. Raises MemberNotFound."""
    kept = ports.people.preferences(member_id)
    if kept.version == 0:
        known_member(ports, member_id)
    return kept
