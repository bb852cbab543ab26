"""Run every bench in turn."""

from bench import cold_start

for bench in (cold_start,):
    bench.run()
