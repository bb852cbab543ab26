"""HTTP in, HTTP out: one blueprint per resource, views of about ten lines."""
