import pytest

# Failures of tests that networks share name the values that differ.
pytest.register_assert_rewrite("tests.contract", "tests.platforms.meta")
