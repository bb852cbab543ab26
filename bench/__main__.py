"""Run every bench in turn."""

from bench import cold_start, operations, throughput

for bench in (cold_start, operations, throughput):
    bench.run()
