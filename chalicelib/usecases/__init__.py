"""One verb per file: load, decide (domain), commit, answer. Knows no HTTP and no AWS."""
