"""DynamoDB. The only package that imports pynamodb; keys are built in `keys.py` alone."""
