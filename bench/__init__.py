"""What things cost and how long they take, as tables. `make bench` runs all of it."""
