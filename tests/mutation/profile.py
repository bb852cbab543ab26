"""How Hypothesis searches while mutants are tried: little and always the same, so that a mutant's
fate does not depend on chance. Loaded by pytest as a plugin.
"""

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "mutants",
    max_examples=30,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # a failure is enough: nobody reads its shortest form
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("mutants")
