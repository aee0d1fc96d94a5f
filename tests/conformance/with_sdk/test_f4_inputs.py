"""F4: input combinators, and what a datum is told about its inputs."""

from __future__ import annotations

from pachyderm_sdk.api import pps

SUCCESS = pps.JobState.JOB_SUCCESS


def _cross(*members: pps.Input) -> pps.Input:
    return pps.Input(cross=list(members))


def _union(*members: pps.Input) -> pps.Input:
    return pps.Input(union=list(members))


def _join(*members: pps.Input) -> pps.Input:
    return pps.Input(join=list(members))


def _group(*members: pps.Input) -> pps.Input:
    return pps.Input(group=list(members))


def _paths(infos: list[pps.DatumInfo]) -> list[tuple[str, ...]]:
    return [tuple(part.file.path for part in info.data) for info in infos]


def _in_order(world, input_: pps.Input) -> list[tuple[str, ...]]:
    """The paths of each datum of an input, in the order in which they are enumerated."""
    return _paths([info for batch in world.client.pps.generate_datums(input_, 1000) for info in batch])


def _foos(*numbers: int) -> tuple[str, ...]:
    return tuple(f"/foo{number}" for number in numbers)


def _nibbles(prefix: str) -> dict[str, str]:
    return {f"{prefix}{number:4b}": str(number) for number in range(16)}


def test_042_a_join_pairs_files_by_captured_key(world):
    world.create_repo("left", "right")
    world.put("left", _nibbles("/file-l."))
    world.put("right", _nibbles("/file-r."))
    joined = _join(
        world.pfs_input("left", "/file-?.(11*)", join_on="$1"),
        world.pfs_input("right", "/file-?.(*0)", join_on="$1"),
    )
    job = world.shell("p", joined, "cat /pfs/left/* /pfs/right/* > /pfs/out/$PACH_DATUM_left_JOIN_ON")
    done = world.wait("p", job)
    assert (done.state, done.data_total) == (SUCCESS, 2)
    assert world.files("p") == {"/1100": "1212", "/1110": "1414"}
    assert sorted(_paths(world.datums("p", job))) == [
        ("/file-l.1100", "/file-r.1100"),
        ("/file-l.1110", "/file-r.1110"),
    ]


def test_043_a_join_of_directories_pairs_them_whole(world):
    world.create_repo("left", "right")
    world.put("left", {"/dir-01/a": "", "/dir-01/b": ""})
    world.put("right", {"/dir-10/c": "", "/dir-10/d": ""})
    joined = _join(
        world.pfs_input("left", "/dir-(?)(?)", join_on="$2"),
        world.pfs_input("right", "/dir-(?)(?)", join_on="$1"),
    )
    job = world.shell("p", joined, "cd /pfs && echo left/*/* right/*/* > out/seen")
    done = world.wait("p", job)
    assert (done.state, done.data_total) == (SUCCESS, 1)
    assert _paths(world.datums("p", job)) == [("/dir-01/", "/dir-10/")]
    assert world.read("p", "/seen") == "left/dir-01/a left/dir-01/b right/dir-10/c right/dir-10/d\n"


def test_044_globs_union_cross_and_joins_give_the_documented_datums(world):
    world.create_repo("in")
    world.put("in", {f"/foo{number}": "" for number in range(50)})

    def foo(glob: str, **more: object) -> pps.Input:
        return world.pfs_input("in", glob, **more)

    ones, twos = foo("/foo?1"), foo("/foo*2")
    assert _in_order(world, foo("!(**)")) == []
    assert _in_order(world, ones) == [_foos(n) for n in (11, 21, 31, 41)]
    assert _in_order(world, twos) == [_foos(n) for n in (12, 2, 22, 32, 42)]
    assert _in_order(world, _union(ones, twos)) == [_foos(n) for n in (11, 21, 31, 41, 12, 2, 22, 32, 42)]
    named = [foo("/foo?1", name="a"), foo("/foo*2", name="b")]
    assert _in_order(world, _cross(*named)) == [
        _foos(one, two) for one in (11, 21, 31, 41) for two in (12, 2, 22, 32, 42)
    ]
    mirrored = _join(foo("/foo(?)(?)", name="a", join_on="$1$2"), foo("/foo(?)(?)", name="b", join_on="$2$1"))
    assert sorted(_in_order(world, mirrored)) == sorted(
        _foos(10 * a + b, 10 * b + a) for a in range(1, 5) for b in range(1, 5)
    )
    outer = _join(
        foo("/foo1(?)", name="a", join_on="$1", outer_join=True),
        foo("/foo(?)1", name="b", join_on="$1", outer_join=True),
    )
    assert sorted(_in_order(world, outer)) == sorted(
        [_foos(10 + n, 10 * n + 1) for n in range(1, 5)] + [_foos(n) for n in (10, 15, 16, 17, 18, 19)]
    )
    assert _in_order(world, foo("/", s3=True)) == [("/",)]


def test_045_groups_give_the_documented_datums(world):
    world.create_repo("in")
    world.put("in", {f"/foo{number}": "" for number in range(50)})

    def foo(**more: object) -> pps.Input:
        return world.pfs_input("in", "/foo(?)(?)", **more)

    tens = [_foos(*range(10 * n, 10 * n + 10)) for n in range(1, 5)]
    assert _in_order(world, _group(foo(group_by="$1"))) == tens
    both = _in_order(world, _group(foo(name="a", group_by="$1"), foo(name="b", group_by="$2")))
    assert both[0] == (*_foos(*range(10, 20)), *_foos(11, 21, 31, 41))
    ones = {n: _foos(*range(10 * n, 10 * n + 10)) if 0 < n < 5 else () for n in range(10)}
    twos = {n: _foos(*range(10 + n, 50, 10)) for n in range(10)}
    assert sorted(both) == sorted((*ones[n], *twos[n]) for n in range(10))
    mirrored = _join(
        foo(name="a", join_on="$1$2", group_by="$1"), foo(name="b", join_on="$2$1", group_by="$2")
    )
    pairs = [sorted(datum) for datum in _in_order(world, _group(mirrored))]
    assert pairs == [
        sorted(_foos(*(10 * a + b for b in range(1, 5)), *(10 * b + a for b in range(1, 5))))
        for a in range(1, 5)
    ]
    nested = _union(world.pfs_input("in", "/*", name="a"), _group(foo(name="b", group_by="$2")))
    alone, together = _in_order(world, nested)[:50], _in_order(world, nested)[50:]
    assert sorted(alone) == sorted(_foos(n) for n in range(50))
    assert sorted(together) == sorted(twos.values())


def test_045_a_group_is_one_datum_a_key_in_a_job_too(world):
    world.create_repo("in", "patients")
    world.put("in", _nibbles("/file."))
    by_third = _group(world.pfs_input("in", "/file.(?)(?)(?)(?)", group_by="$3"))
    job = world.shell("p", by_third, "ls /pfs/in | wc -l > /pfs/out/key$PACH_DATUM_in_GROUP_BY")
    done = world.wait("p", job)
    assert (done.state, done.data_total) == (SUCCESS, 3)
    assert {key: text.strip() for key, text in world.files("p").items()} == {
        "/key ": "2",
        "/key1": "8",
        "/key0": "6",
    }
    names = [f"/{scan}-PATID{patient}-{scan}.txt" for patient in (1, 2, 3, 4) for scan in "abc"]
    world.put("patients", dict.fromkeys(names, ""))
    by_patient = _group(world.pfs_input("patients", "/*-PATID(*)-*.txt", group_by="$1"))
    assert sorted(_in_order(world, by_patient)) == [
        tuple(f"/{scan}-PATID{patient}-{scan}.txt" for scan in "abc") for patient in (1, 2, 3, 4)
    ]


def test_046_unions_and_crosses_nest(world):
    repos = ["A", "B", "C", "D"]
    world.create_repo(*repos)
    for repo in repos:
        world.put(repo, {"/file-0": repo, "/file-1": repo})
    a, b, c, d = (world.pfs_input(repo) for repo in repos)
    copy = "cd /pfs; for f in [A-D]/*; do cp $f out/$PACH_DATUM_ID-$(echo $f | tr / -); done"

    def outputs(name: str, input_: pps.Input) -> tuple[int, list[str]]:
        job = world.shell(name, input_, copy)
        done = world.wait(name, job)
        assert done.state == SUCCESS
        return done.data_total, sorted(world.files(name).values())

    assert outputs("union", _union(a, b, c, d)) == (8, sorted(repos * 2))
    assert outputs("of-crosses", _union(_cross(a, b), _cross(c, d))) == (8, sorted(repos * 4))
    assert outputs("of-unions", _cross(_union(a, b), _union(c, d))) == (16, sorted(repos * 8))


def test_046_members_of_a_union_may_share_a_name(world):
    repos = ["A", "B", "C", "D"]
    world.create_repo(*repos)
    for repo in repos:
        world.put(repo, {f"/{repo}-0": "x", f"/{repo}-1": "y"})
    union = _union(*(world.pfs_input(repo, name="in") for repo in repos))
    done = world.wait("p", world.shell("p", union, "cp /pfs/in/* /pfs/out/"))
    assert (done.state, done.data_total) == (SUCCESS, 8)
    assert sorted(world.files("p")) == sorted(f"/{repo}-{n}" for repo in repos for n in (0, 1))


def test_047_datums_are_listed_before_the_pipeline_exists(world, fails):
    world.create_repo("left", "right")
    for repo in ("left", "right"):
        world.put(repo, {f"/{n}": "" for n in range(5)})
    crossed = _cross(world.pfs_input("left"), world.pfs_input("right"))
    listed = list(world.client.pps.list_datum(input=crossed))
    assert len(listed) == len({info.datum.id for info in listed}) == 25
    assert set(_paths(listed)) == {(f"/{one}", f"/{two}") for one in range(5) for two in range(5)}
    assert {info.state for info in listed} == {pps.DatumState.UNKNOWN}
    ids = [info.datum.id for info in listed]
    unknown, success = pps.DatumState.UNKNOWN, pps.DatumState.SUCCESS

    def ids_of(**options: object) -> list[str]:
        return [info.datum.id for info in world.client.pps.list_datum(input=crossed, **options)]

    assert ids_of(filter=pps.ListDatumRequestFilter(state=[unknown])) == ids
    assert ids_of(filter=pps.ListDatumRequestFilter(state=[success])) == []
    assert ids_of(number=10) + ids_of(number=100, pagination_marker=ids[9]) == ids
    assert ids_of(number=3, reverse=True) == ids[:-4:-1]
    clock = pps.Input(cron=pps.CronInput(name="tick", spec="@every 60s"))
    _, text = fails(world.client.pps.list_datum, input=_cross(world.pfs_input("left"), clock))
    assert text == (
        "can't list datums with a cron input, there will be no datums until the pipeline is created"
    )


def test_047_the_datums_of_a_job_can_be_filtered_and_paged(world, fails):
    world.create_repo("in")
    world.put("in", {f"/{n}": "" for n in range(5)})
    job = world.shell("p", world.pfs_input("in"), "test ! -e /pfs/in/3", datum_tries=1)
    world.wait("p", job)

    def paths(**options: object) -> list[tuple[str, ...]]:
        return _paths(list(world.client.pps.list_datum(job=world.job("p", job), **options)))

    failed = pps.ListDatumRequestFilter(state=[pps.DatumState.FAILED])
    assert paths(filter=failed) == [("/3",)]
    ids = [info.datum.id for info in world.datums("p", job)]
    assert ids == sorted(ids)
    assert paths(number=2) + paths(pagination_marker=ids[1]) == paths()
    both = {"job": world.job("p", job), "input": world.pfs_input("in")}
    assert fails(world.client.pps.list_datum, **both)[1] == "cannot specify both job and input"


def test_048_an_empty_cross_is_no_datum_and_success(world):
    world.create_repo("in", "empty")
    world.put("in", {"/a": "", "/b": ""})
    crossed = _cross(world.pfs_input("in"), world.pfs_input("empty"))
    done = world.wait("p", world.shell("p", crossed, "false"))
    assert (done.state, done.data_total, done.data_processed, done.data_skipped) == (SUCCESS, 0, 0, 0)
    assert list(world.client.pps.list_datum(input=crossed)) == []


def test_049_the_keys_of_joins_and_groups_are_in_the_environment(world):
    world.create_repo("left", "right")
    for repo in ("left", "right"):
        world.put(repo, {f"/{n}.{repo}": "" for n in range(2)})
    joined = _join(
        world.pfs_input("left", "/(?).left", join_on="$1"),
        world.pfs_input("right", "/(?).right", join_on="$1"),
    )
    says = "echo $left: $PACH_DATUM_left_JOIN_ON $PACH_DATUM_right_JOIN_ON > /pfs/out/$PACH_DATUM_ID"
    assert world.wait("join", world.shell("join", joined, says)).state == SUCCESS
    wanted = [f"/pfs/left/{n}.left: {n} {n}\n" for n in (0, 1)]
    assert sorted(world.files("join").values()) == wanted
    grouped = _group(
        world.pfs_input("left", "/(?).left", group_by="$1"),
        world.pfs_input("right", "/(?).right", group_by="$1"),
    )
    job = world.shell("group", grouped, says.replace("JOIN_ON", "GROUP_BY"))
    assert world.wait("group", job).state == SUCCESS
    assert sorted(world.files("group").values()) == wanted


def test_050_the_names_of_inputs_are_in_the_environment(world):
    world.create_repo("in")
    commit = world.put("in", {"/file": "", "/dir/x": ""})
    named = world.pfs_input("in", name="foo")
    world.wait("p", world.shell("p", named, "echo $foo $foo_COMMIT > /pfs/out/$(basename $foo)"))
    assert world.files("p") == {
        "/file": f"/pfs/foo/file {commit}\n",
        "/dir": f"/pfs/foo/dir {commit}\n",
    }


def test_051_two_branches_of_one_repo_cannot_feed_one_pipeline(world, fails):
    world.create_repo("in")
    world.put("in", {"/a": ""}, branch="staging")
    world.put("in", {"/a": ""})
    crossed = _cross(world.pfs_input("in", name="a"), world.pfs_input("in", name="b", branch="staging"))
    _, text = fails(world.shell, "p", crossed, "true")
    repo = f"{world.project.name}/in"
    assert f'multiple branches from the same repo, "{repo}", cannot participate in a DAG' in text
    assert list(world.client.pps.list_pipeline(projects=[world.project])) == []
    assert [info.repo.name for info in world.client.pfs.list_repo(projects=[world.project])] == ["in"]


def test_051_two_branches_of_one_repo_cannot_meet_further_down(world, fails):
    world.create_repo("in")
    world.put("in", {"/a": ""}, branch="staging")
    world.put("in", {"/a": ""})
    world.shell("one", world.pfs_input("in"), "true")
    world.shell("two", world.pfs_input("in", branch="staging"), "true")
    _, text = fails(world.shell, "p", _cross(world.pfs_input("one"), world.pfs_input("two")), "true")
    repo = f"{world.project.name}/in"
    assert f'multiple branches from the same repo, "{repo}", cannot participate in a DAG' in text
    found = world.client.pps.list_pipeline(projects=[world.project])
    assert sorted(info.pipeline.name for info in found) == ["one", "two"]


def test_052_a_diamond_sees_matching_commits(world):
    world.create_repo("A")
    world.shell("B", world.pfs_input("A", "/"), "cp /pfs/A/* /pfs/out/")
    crossed = _cross(world.pfs_input("A", "/"), world.pfs_input("B", "/"))
    world.shell("C", crossed, "cat /pfs/A/f /pfs/B/f > /pfs/out/f")
    ids = []
    for text in ("1", "2", "3"):
        ids.append(world.put("A", {"/f": text}))
        assert world.wait("C", ids[-1]).state == SUCCESS
        assert world.read("C", "/f") == text * 2
    for name in ("B", "C"):
        made = [info.job.id for info in world.jobs(name)]
        assert (made[:3], len(made)) == (ids[::-1], 4)
    (datum,) = world.datums("C", ids[-1])
    parts = [(part.file.commit.repo.name, part.file.commit.id) for part in datum.data]
    assert parts == [("A", ids[-1]), ("B", ids[-1])]
