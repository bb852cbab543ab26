"""Run every bench in turn."""

from bench import cold_start, operations

for bench in (operations, cold_start):
    bench.run()
