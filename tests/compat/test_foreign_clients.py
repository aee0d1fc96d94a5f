"""The two Python clients of Pachyderm, unmodified: repos, files, pipelines, jobs, logs, auth that is off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytestmark = pytest.mark.compat
SCENARIOS = ["repos_and_commits", "files", "pipelines", "auth_off", "services"]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_python_pachyderm(run_client: Callable[[str, str], str], scenario: str) -> None:
    assert run_client("python-pachyderm", f"python_pachyderm_{scenario}.py").endswith("ok\n")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_pachyderm_sdk(run_client: Callable[[str, str], str], scenario: str) -> None:
    assert run_client("pachyderm-sdk", f"pachyderm_sdk_{scenario}.py").endswith("ok\n")
