"""A till reads a purchase that it posted, with its returns."""

from chalicelib.domain.callers import Caller
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.refusals import PurchaseNotFound
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.post_purchase import purchase_name


def read_purchase(ports: Ports, caller: Caller, purchase_id: str) -> PurchaseFile:
    """A purchase of the caller's own source. Raises PurchaseNotFound."""
    file = ports.ledger.purchase(purchase_name(ports, caller, purchase_id))
    if not isinstance(file, PurchaseFile):
        raise PurchaseNotFound()
    return file
