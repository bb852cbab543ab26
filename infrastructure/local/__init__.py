"""The whole service on one machine. Nothing in here is packaged or deployed."""
