"""Run every bench in turn."""

from bench import cold_start, operations

for bench in (cold_start, operations):
    bench.run()
