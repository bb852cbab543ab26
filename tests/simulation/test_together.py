"""What Athena counts to be bought together is what counting by hand gives, too."""

from chalicelib.settings import Settings
from tests.baskets import check_counting
from tests.snapshot_world import in_athena


def test_athena_counts_what_counting_by_hand_gives(settings: Settings) -> None:
    check_counting(in_athena(f"{settings.snapshot_bucket}-together"))
