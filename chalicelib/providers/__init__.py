"""One outside system per file. Nothing here knows what the program means."""
