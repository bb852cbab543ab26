"""What runs the service: its resources, the stack on one machine, dashboards and alarms."""
