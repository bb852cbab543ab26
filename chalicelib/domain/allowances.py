"""How often something may be asked for, beside the gateway's own throttling."""

from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most so many in each window. stretches: a local installation allows more of it; what
    guards one member (codes, SetupIntents) stays as strict there."""

    kind: str
    at_most: int
    window_seconds: int
    stretches: bool


SIGN_UPS = Allowance("sign_up", 20, 3_600, stretches=True)  # an address of the network
VERIFICATIONS = Allowance("verification", 30, 60, stretches=True)  # an address of the network
CODES = Allowance("code", 10, 86_400, stretches=False)  # a member, and an address of members
SIGN_UP_CODES = Allowance("sign_up_code", 10, 86_400, stretches=False)  # an address, by anybody
LOOK_UPS = Allowance("look_up", 10, 1, stretches=True)  # a key
SETUP_INTENTS = Allowance("setup_intent", 5, 86_400, stretches=False)  # a member
INTERACTIONS = Allowance("interaction", 50, 86_400, stretches=True)  # a member
EXPORTS = Allowance("export", 3, 86_400, stretches=False)  # a member
TRANSFERS = Allowance("transfer", 60, 3_600, stretches=True)  # a member, with tries and dry runs
TEST_LETTERS = Allowance("test_letter", 20, 86_400, stretches=False)  # somebody of staff

# Of whoever calls, for what reads much: a chain, a file, the whole ledger, every neighbour.
HEALTH = Allowance("health", 30, 60, stretches=True)
PROOFS = Allowance("proof", 60, 3_600, stretches=True)
IMPORTS = Allowance("import", 120, 3_600, stretches=True)  # prepared, and started
PLANS = Allowance("plan", 30, 3_600, stretches=True)
PLAN_READINGS = Allowance("plan_reading", 600, 3_600, stretches=True)  # each goes on with it
SIMULATIONS = Allowance("simulation", 60, 3_600, stretches=True)
SIMULATION_READINGS = Allowance("simulation_reading", 600, 3_600, stretches=True)  # the same
ANALYTICS = Allowance("analytics", 600, 3_600, stretches=True)  # page by page
RECONCILIATIONS = Allowance("reconciliation", 120, 3_600, stretches=True)  # each goes on with it


def messages_a_week(at_most: int) -> Allowance:
    """Messages that a member did not ask for, as many a week as it said."""
    return Allowance("message", at_most, 7 * 86_400, stretches=False)


_PICKED_BITS = 64


def network_of(address: str) -> str:
    """Whom a network address stands for: itself, or of IPv6 the network of which its owner can pick
    any address."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    if not isinstance(read, IPv6Address):
        return str(read)
    if read.ipv4_mapped is not None:
        return str(read.ipv4_mapped)
    return str(IPv6Network((read, _PICKED_BITS), strict=False))


STRETCHING = frozenset(
    allowance.kind
    for allowance in (
        SIGN_UPS,
        VERIFICATIONS,
        CODES,
        SIGN_UP_CODES,
        LOOK_UPS,
        SETUP_INTENTS,
        INTERACTIONS,
        TRANSFERS,
        HEALTH,
        PROOFS,
        IMPORTS,
        PLANS,
        PLAN_READINGS,
        SIMULATIONS,
        SIMULATION_READINGS,
        ANALYTICS,
        RECONCILIATIONS,
    )
    if allowance.stretches
)
