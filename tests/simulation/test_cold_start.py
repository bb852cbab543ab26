"""The packaged API function under AWS's runtime client, beside a bare function that makes the same
two DynamoDB calls by boto3: both started and asked in turns, by the time of their processors.
"""

import json
import subprocess
import sys
from typing import Any

import pytest

from bench.cold_start import INIT_TARGET, WARM_TARGET
from tests.packaged import NEEDS_LAMBDAS_PYTHON, ROOT, the_package

pytestmark = NEEDS_LAMBDAS_PYTHON

STARTS, PURCHASES = 3, 40

# In a process of its own: what it measures on is an installation of its own.
MEASURES = f"""
import json, sys
from dataclasses import asdict
from pathlib import Path
from bench.cold_start import measured
found = measured(Path(sys.argv[1]), {STARTS}, {PURCHASES})
ratios = {{"init_ratio": found.init_ratio, "warm_ratio": found.warm_ratio}}
print(json.dumps(asdict(found) | ratios))
"""


@pytest.mark.timeout(300)  # it may make the package first, beside other tests that do
def test_the_packaged_function_starts_and_works_in_little_more_than_boto3_takes() -> None:
    command = [sys.executable, "-c", MEASURES, str(the_package() / "deployment.zip")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: Any = json.loads(done.stdout.splitlines()[-1])  # before it comes the service's log
    assert found["init_ratio"] <= INIT_TARGET, found
    assert found["warm_ratio"] <= WARM_TARGET, found
    assert found["starts"]["api"]["peak"] <= 128, found  # megabytes, of the 1,024 that it is given
