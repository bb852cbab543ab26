"""The Lambdas that no request starts. Each is imported without `app.py`."""
