"""The 110 conformance scenarios and who drives each: the table of docs/reliability.md.

`python tests/conformance/scenarios.py` writes the table; tests/docs checks that it is written. A scenario is
driven where a test has its number in its name, so the table cannot say more than the tests do.
"""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "reliability.md"
BEGIN, END = "<!-- scenarios -->", "<!-- end of scenarios -->"
CLIENTS = {
    "with_sdk": "pachyderm-sdk",
    "with_python_pachyderm": "python-pachyderm",
    "with_pachctl": "pachctl",
}
STARRED = frozenset(
    {*range(1, 8), 9, 10, *range(18, 21), *range(29, 34), 35, 42, *range(44, 48), *range(53, 60), 62, 65, 66}
    | {*range(71, 74), 75, 79, 80, 89, 90, 93, 95, 96, 98, 99, 103, 105, 106}
)
OUT_OF_SCOPE: dict[int, str] = {}
"""Number -> why no test drives it."""

SCENARIOS = tuple(
    line.strip()
    for line in """
an empty commit skips every datum
changed, replaced and deleted input shows in the output
a second file: one datum runs, one is skipped
ten files and ten more: twenty datums, ten skipped
a deleted input takes its datum and its output along; joins full, left, right, inner
new code touches new datums only, until reprocess
rerun pipeline, with and without reprocess
every_job never skips
counts of processed, recovered and failed datums
a job of recovered datums succeeds; they run again later
an update to other datum ids may write the same paths
a changed reference input invalidates nothing
propagation never: no job, but the next one sees the new head
glob / is one datum over all files
a directory datum runs again as a whole
what the meta repo holds, no more and no less
datums of a killed job are not reused
two datums writing one path fail the job; mended, the next succeeds
one branch as two inputs
links out of /pfs/out become files
empty_files: links carry the content by reference
lazy: only what is opened is fetched
copying an output back into an input keeps the hash
cp -r keeps the tree
children that outlive the main process are ended
accept_return_code
a command that ignores stdin
a name that PFS cannot hold fails the datum
a failing command fails the job, naming the datum
failures make downstream jobs unrunnable, transitively
wait for a set in which a middle stage fails
datum_tries is the exact number of attempts
datum_timeout fails the datum, in time
job_timeout kills the job, in time
stop one of several jobs
the commit after a stopped job is processed as usual
a failed datum is listed with its inputs
a bad image or secret crashes the pipeline, a good one heals it
no command: accepted, then FAILURE
a write on an errored head builds on the nearest good ancestor
children skip errored commits
a join pairs by captured key
a join of directories
globs, union, cross, join and outer join give the documented datums
groups give the documented datums
unions and crosses, nested
list datum before the pipeline exists
an empty cross is no datum, and success
keys of joins and groups are in the environment
input names are in the environment
two branches of one repo cannot feed one pipeline
a diamond sees matching commits
a chain: seven commits and two jobs of one id
a diamond: one commit a repo in every set
four stages: thirteen commits, four jobs
a repo as seen by a set that it has no commit in
existing commits give one output commit
deferred processing: sets of 1, 4 and 6
two updates in one transaction: one new job downstream
a branch given more provenance
a branch created late backfills once
an input branch moved back, and on again
provenance removed and added again
a stopped pipeline gets no commits, and one job when started
an update while stopped
an update kills the jobs that run
a commit outside the output branch makes no job
no branch descends from itself
subscribe READY waits for provenance
waiting for a creation set returns
squash, drop, and what may not be dropped
the head cannot be squashed
dropping a head stops its job and lets heads fall back
a set with an update, or with dependents, cannot be squashed
deleting a pipeline, by force, and keeping its repo
a spec repo goes with its pipeline only
delete all leaves the default project
delete and create again under the same name
put overwrites, append appends, in order
a failing stream applies nothing; an empty one makes a commit
which paths are valid
deleting directories and files
list, walk and inspect
diffs: added, changed, deleted, equal
a file that is also a directory fails the commit
get of a directory, of several matches, beyond the end
find commits that touched a path
filesets: added, refused, expired
cron ticks accumulate, overwrite, and cross
run cron, three times, alone and crossed
cron catches up from its start
triggers by size, count, any and all
a spout, its commits and what follows it
a service serves new data
egress: retried while it fails, done when it can
batching: one process, a result for every datum
autoscaling: idle is STANDBY
creating twice, and bad specs
several documents in one file
jsonnet templates
cluster and project defaults
older versions of a pipeline
transactions show all or nothing
two inputs in one transaction: one job
tables, hints and formats of pachctl
what the Python clients rely on
projects keep repos apart
put file: paths, folders, archives
paging and jq filters of jobs
fsck is clean after every scenario
""".strip().splitlines()
)


def drivers(folder: Path = HERE) -> dict[int, list[str]]:
    """Scenario -> the clients with a test of that number. 110 is the end of every `world` and `project`."""
    found: dict[int, set[str]] = {number: set() for number in range(1, len(SCENARIOS) + 1)}
    for name, client in CLIENTS.items():
        for file in sorted((folder / name).glob("test_*.py")):
            for number in re.findall(r"^def test_(\d{3})_", file.read_text(), re.MULTILINE):
                found[int(number)].add(client)
    found[110] = set(CLIENTS.values()) - {"pachctl"}
    return {number: sorted(clients) for number, clients in found.items()}


def table() -> str:
    """The table as Markdown."""
    lines = ["| | scenario | driven through |", "|---|---|---|"]
    for number, clients in drivers().items():
        star = " ★" if number in STARRED else ""
        who = ", ".join(clients) or f"out: {OUT_OF_SCOPE.get(number, 'not yet')}"
        lines.append(f"| {number}{star} | {SCENARIOS[number - 1]} | {who} |")
    return "\n".join(lines)


def main() -> None:
    """Write the table between its marks in docs/reliability.md."""
    text = DOCUMENT.read_text()
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    DOCUMENT.write_text(f"{head}{BEGIN}\n{table()}\n{END}{tail}")


if __name__ == "__main__":
    main()
