"""Methods of pachyderm-sdk for projects, repos, branches and commits, as its docstrings call them."""

from __future__ import annotations

import grpc
from pachyderm_sdk.api import metadata, pfs, pps


def test_projects_are_listed_described_and_renamed_in_words_only(world, fails):
    names = {info.project.name for info in world.client.pfs.list_project()}
    assert names >= {"default", world.project.name}
    world.client.pfs.create_project(project=world.project, description="mine", update=True)
    info = world.client.pfs.inspect_project(project=world.project)
    assert (info.project, info.description) == (world.project, "mine")
    assert info.created_at
    assert world.client.pfs.inspect_project_v2(project=world.project).info == info
    again = fails(world.client.pfs.create_project, project=world.project)
    assert again == (grpc.StatusCode.ALREADY_EXISTS, f"project {world.project.name} already exists")
    world.create_repo("r")
    code, text = fails(world.client.pfs.delete_project, project=world.project)
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert text.startswith(f"cannot delete project {world.project.name}: repo ")


def test_repos_of_projects_are_listed_summed_up_and_deleted_together(world):
    world.create_repo("a", "b")
    listed = list(world.client.pfs.list_repo(type="user", projects=[world.project]))
    assert sorted(info.repo.name for info in listed) == ["a", "b"]
    page = pfs.RepoPage(order=pfs.RepoPageOrdering.PROJECT_REPO, page_size=1, page_index=1)
    paged = world.client.pfs.list_repo(projects=[world.project], page=page)
    assert [info.repo.name for info in paged] == ["b"]
    world.put("a", {"/file": "12345"})
    (summary,) = world.client.pfs.repos_summary(projects=[world.project.as_picker()]).summaries
    assert (summary.user_repo_count, summary.size_bytes) == (2, 5)
    gone = world.client.pfs.delete_repos(projects=[world.project])
    assert sorted(repo.name for repo in gone.repos) == ["a", "b"]
    assert world.client.pfs.delete_repo(repo=world.repo("a")).deleted is False


def test_branches_are_listed_newest_first_and_deleted(world, fails):
    world.create_repo("r")
    for name in ("old", "new"):
        world.client.pfs.create_branch(branch=world.branch("r", name))
    listed = [info.branch.name for info in world.client.pfs.list_branch(repo=world.repo("r"))]
    turned = [info.branch.name for info in world.client.pfs.list_branch(repo=world.repo("r"), reverse=True)]
    assert (listed, turned) == (["new", "old"], ["old", "new"])
    world.client.pfs.delete_branch(branch=world.branch("r", "old"))
    assert fails(world.client.pfs.inspect_branch, branch=world.branch("r", "old")) == (
        grpc.StatusCode.NOT_FOUND,
        f'branch "old" not found in repo {world.repo("r")}',
    )


def test_provenance_is_walked_from_branches_and_commits_in_both_directions(world):
    world.create_repo("in", "out")
    source, target = world.branch("in"), world.branch("out")
    world.put("in", {"/a": "a"})
    world.client.pfs.create_branch(branch=target, provenance=[source])
    up = world.client.pfs.walk_branch_provenance(start=[target.as_picker()], max_branches=10, max_depth=10)
    down = world.client.pfs.walk_branch_subvenance(start=[source.as_picker()])
    assert "in" in [info.branch.repo.name for info in up]
    assert "out" in [info.branch.repo.name for info in down]
    head = world.client.pfs.inspect_branch(branch=source).head
    made = world.client.pfs.inspect_branch(branch=target).head
    up = world.client.pfs.walk_commit_provenance(start=[made.as_picker()], max_commits=10, max_depth=10)
    down = world.client.pfs.walk_commit_subvenance(start=[head.as_picker()])
    assert head.id in [info.commit.id for info in up]
    assert made.id in [info.commit.id for info in down]
    world.client.pfs.finish_commit(commit=made, force=True)


def test_a_forgotten_commit_keeps_its_record_and_loses_its_files(world, fails):
    world.create_repo("in")
    world.put("in", {"/a": "1"})
    first = world.shell("p", world.pfs_input("in"), "cp /pfs/in/* /pfs/out/")
    world.wait("p", first)
    world.wait("p", world.put("in", {"/a": "2"}))
    world.client.pfs.forget_commit(commit=world.commit("p", first).as_picker())
    assert world.client.pfs.commit_exists(world.commit("p", first))
    assert "forgotten" in fails(world.client.pfs.get_file, file=world.file("p", "/a", first))[1]


def test_everything_that_has_a_name_carries_metadata(world):
    world.create_repo("in")
    world.put("in", {"/a": "1"})
    world.wait("p", world.shell("p", world.pfs_input("in"), "true"))
    picked = pps.PipelinePickerPipelineName(project=world.project.as_picker(), name="p")
    head = world.client.pfs.inspect_branch(branch=world.branch("in")).head
    targets = {
        "project": world.project.as_picker(),
        "repo": world.repo("in").as_picker(),
        "branch": world.branch("in").as_picker(),
        "commit": head.as_picker(),
        "pipeline": pps.PipelinePicker(name=picked),
    }
    edits = []
    for kind, target in targets.items():
        of = {kind: target}
        edits += [
            metadata.Edit(**of, replace=metadata.EditReplace(replacement={"gone": "1", "changed": "1"})),
            metadata.Edit(**of, edit_key=metadata.EditEditKey(key="changed", value=kind)),
            metadata.Edit(**of, add_key=metadata.EditAddKey(key="new", value="2")),
            metadata.Edit(**of, delete_key=metadata.EditDeleteKey(key="gone")),
        ]
    world.client.metadata.edit_metadata(edits=edits)
    found = {
        "project": world.client.pfs.inspect_project(project=world.project),
        "repo": world.client.pfs.inspect_repo(repo=world.repo("in")),
        "branch": world.client.pfs.inspect_branch(branch=world.branch("in")),
        "commit": world.client.pfs.inspect_commit(commit=head),
        "pipeline": world.client.pps.inspect_pipeline(pipeline=world.pipeline("p"), details=True),
    }
    for kind, info in found.items():
        assert dict(info.metadata) == {"changed": kind, "new": "2"}, kind
