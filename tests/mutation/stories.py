"""A few short stories of all operations beside the plain rules: what only shows when operations
follow each other. The long ones are in tests/property.
"""

from hypothesis import settings

from tests.property.operations import Operations

TestStories = Operations.TestCase
TestStories.settings = settings(settings.get_profile("mutants"), stateful_step_count=25)
