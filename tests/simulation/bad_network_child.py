"""The process of the bad network: microburst with seeded chance, which ends with its parent.

Arguments: seed, then microburst's own. Its standard input is a pipe that the parent holds open.
"""

import os
import random
import sys
import threading

from microburst import cli


def _end_with_the_parent() -> None:
    os.read(0, 1)
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    random.seed(int(sys.argv[1]))
    sys.exit(cli.main(sys.argv[2:]))
