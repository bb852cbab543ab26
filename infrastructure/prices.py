"""What AWS asks for what this service uses, in dollars: us-east-1, on demand, without free tiers.

The only place where a price stands. Knows no operation.
"""

WRITE_UNIT, READ_UNIT = 0.625e-6, 0.125e-6
REST_REQUEST, HTTP_REQUEST = 3.50e-6, 1.00e-6
LAMBDA_REQUEST, LAMBDA_GB_SECOND = 0.20e-6, 0.0000133  # arm64
LOG_GB = 0.50
EVENT = 1.00e-6  # of EventBridge, on a bus of one's own
STORED_GB_MONTH, RESTORABLE_GB_MONTH = 0.25, 0.20  # of tables; for point-in-time recovery
