"""F9: what python-pachyderm relies on."""

from __future__ import annotations


def test_107_repos_of_the_same_name_in_two_projects_are_independent(client, project):
    client.create_repo("r", project_name=project)
    assert [info.repo.name for info in client.list_repo(projects=[project])] == ["r"]
    client.create_repo("r2")
    assert [info.repo.name for info in client.list_repo(projects=[project])] == ["r"]
    client.delete_repo("r2")
