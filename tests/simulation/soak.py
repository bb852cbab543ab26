"""The simulation again and again, each round with a seed of its own and longer stories, for
`SOAK_SECONDS`. The first failure ends it and is told with what shows it again. `make soak` runs it.
"""

import os
import secrets
import subprocess
import sys
import time

STORY_STEPS = 150
"""As many operations follow each other in a story, three times those of `make simulate`."""

SUITES = (
    "tests/simulation/test_faults.py",
    "tests/simulation/test_operations.py",
    "tests/simulation/test_returns.py",
    "tests/property/test_neighbours.py",
)


def main() -> int:
    """Run rounds until the time is over; the exit code says whether all held."""
    end = time.monotonic() + int(os.environ.get("SOAK_SECONDS", "3600"))
    runs = 0
    while time.monotonic() < end:
        seed = str(secrets.randbelow(10**9))
        for suite in SUITES:
            given = {"SEEDS": seed, "STORY_STEPS": str(STORY_STEPS)}
            command = [sys.executable, "-m", "pytest", suite, f"--hypothesis-seed={seed}"]
            print(f"\n--- seed {seed}: {suite}", flush=True)
            if subprocess.run(command, env=os.environ | given, check=False).returncode:
                again = " ".join([*(f"{name}={value}" for name, value in given.items()), *command])
                print(f"\nSeed {seed} failed. To see it again:\n{again}", flush=True)
                return 1
            runs += 1
            if time.monotonic() >= end:
                break
    print(f"\n{runs} runs, all of which held")
    return 0


if __name__ == "__main__":
    sys.exit(main())
