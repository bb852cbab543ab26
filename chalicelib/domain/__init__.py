"""What the program means. Pure: no clock, no ids, no environment, no I/O."""
