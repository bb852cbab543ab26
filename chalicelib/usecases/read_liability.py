"""What members hold, in points and in money, as the last finished reconciliation summed it up."""

from dataclasses import dataclass

from chalicelib.domain.program import Program
from chalicelib.domain.reconciliations import Reconciliation, Report
from chalicelib.domain.refusals import NotFound
from chalicelib.usecases.ports import Ports

_LOOKED_BACK = 10
"""Of the newest ones, at most one is under way; others only where some were broken off."""


@dataclass(frozen=True, slots=True)
class LiabilityView:
    """program: the version that was active as of then; it says what points cost, and the tiers."""

    reconciliation: Reconciliation
    report: Report
    program: Program


def read_liability(ports: Ports) -> LiabilityView:
    """The liability as of the last finished reconciliation. Raises NotFound while there is none,
    StoreUnavailable."""
    for reconciliation in ports.reconciliations.newest(_LOOKED_BACK):
        if reconciliation.report is not None:
            program = ports.programs.version(reconciliation.program_version)
            return LiabilityView(reconciliation, reconciliation.report, program)
    raise NotFound(what="liability")
