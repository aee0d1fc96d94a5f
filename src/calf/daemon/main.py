"""`calf`: the server's own command. What is in a repo is `pachctl`'s matter."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from calf.cli.session import Session
from calf.daemon import backing_up, control, place
from calf.daemon.access import access
from calf.daemon.collecting import command as collect
from calf.daemon.commands import Commands
from calf.daemon.config import Config, home_option, server_options
from calf.daemon.dashboard_command import command as dashboard
from calf.daemon.image import image
from calf.daemon.repairing import command as repair
from calf.daemon.serve import serve as run_server
from calf.daemon.signing_key import is_lost, key_file
from calf.kit import exit_codes
from calf.kit.atomic import disk_failure
from calf.kit.errors import CalfError


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=exit_codes.LEGEND)
@click.pass_context
def cli(context: click.Context) -> None:
    """A small Pachyderm: one process, one folder. What is in it is `pachctl`'s matter."""
    context.call_on_close(context.ensure_object(Session).close)


cli.add_command(image)
cli.add_command(access)
cli.add_command(dashboard)
cli.add_command(collect)
cli.add_command(backing_up.backup)
cli.add_command(backing_up.restore)
cli.add_command(repair)


@cli.command()
@server_options
def serve(**options: Any) -> None:
    """Run the server in the foreground."""
    run_server(Config(**options))


@cli.command()
@server_options
@click.pass_context
def up(context: click.Context, /, **options: Any) -> None:
    """Start the server in the background, unless it runs already."""
    given = [name for name in options if context.get_parameter_source(name) is not ParameterSource.DEFAULT]
    lost = is_lost(options["home"])
    home: Path = options["home"]
    new = not place.holds_data(home)
    running, started = control.up(Config(**options), given, lambda: _say_that_it_takes_time(home))
    if lost:
        file = key_file(options["home"])
        told = f"{file} was gone, so a new key was made: what the old one signed does not verify any more"
        click.echo(
            f"warning: {told}; a copy of the old one, laid there while the server is down, mends that",
            err=True,
        )
    click.echo(f"calf {'is up' if started else 'was up already'}: {running.address}, process {running.pid}")
    click.echo(f"{'new ' if new else ''}data folder {home}, log {place.log_file(home)}")
    _show_dashboard(home, running.pid)
    if started and not new:
        _check_metadata(context, home)


def _show_dashboard(home: Path, pid: int) -> None:
    """The link, if there is one; and that it has not the port at which one would look."""
    options = place.read_options(home, pid)
    if link := options.get("link"):
        taken = f" (port {options['instead']} is taken)" if options.get("instead") else ""
        click.echo(f"dashboard: {link}{taken}")


def _say_that_it_takes_time(home: Path) -> None:
    log = place.log_file(home)
    click.echo(f"starting: the first time, or on an older folder, it takes longer; log {log}", err=True)


def _check_metadata(context: click.Context, home: Path) -> None:
    """Say so when they are seen to be damaged; what can be read is served all the same."""
    from calf.db.soundness import find_damage

    if damage := find_damage(home / "metadata.sqlite"):
        click.echo(f"error: the metadata is damaged: {damage}", err=True)
        click.echo(
            "hint: the server runs for what can be read; `calf restore BACKUP --home NEW` gives a sound one",
            err=True,
        )
        context.exit(exit_codes.INTEGRITY)


@cli.command()
@home_option
def down(home: Path) -> None:
    """Stop the server; unfinished jobs go on at the next start."""
    stopped = control.down(home)
    click.echo(f"stopped process {stopped.pid}" if stopped else _none(home))


@cli.command()
@home_option
@click.pass_context
def status(context: click.Context, home: Path) -> None:
    """Say whether the server runs; exit code 3 when it does not."""
    running = place.find_running(home)
    if running is None:
        click.echo(_none(home))
        context.exit(exit_codes.NOT_RUNNING)
    else:
        click.echo(f"up: {running.address or 'starting'}, process {running.pid}, data folder {home}")
        _show_dashboard(home, running.pid)


@cli.command()
@home_option
@click.pass_context
def key(context: click.Context, home: Path) -> None:
    """Print the public key that checks what this data folder signs; no server has to run."""
    from calf.daemon.signing_key import key_file, load_or_make

    if not key_file(home).exists():
        click.echo(f"{home} has no key yet: the first `calf up` makes one", err=True)
        context.exit(exit_codes.NO_STORE)
    click.echo(load_or_make(home).public.pem(), nl=False)


def _none(home: Path) -> str:
    return f"no server runs on {home}; for that of another folder set CALF_HOME, or give --home"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `calf` and return its exit code."""
    try:
        result = cli.main(
            list(sys.argv[1:] if arguments is None else arguments), "calf", standalone_mode=False
        )
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.Abort:
        return exit_codes.INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return exit_codes.USAGE
    except click.ClickException as error:
        click.echo(f"error: {error.format_message()}", err=True)
        if isinstance(error, click.UsageError) and error.ctx is not None:
            click.echo(f"hint: `{error.ctx.command_path} --help` explains it", err=True)
        return exit_codes.USAGE
    except CalfError as error:
        click.echo(f"error: {error.message}", err=True)
        if error.hint:
            click.echo(f"hint: {error.hint}", err=True)
        return exit_codes.BY_CATEGORY[error.category]
    except OSError as error:
        click.echo(
            f"error: {error.filename}: {error.strerror}" if error.filename else f"error: {error}", err=True
        )
        if failure := disk_failure(error):
            click.echo(f"hint: {failure.hint}", err=True)
        return exit_codes.of_os_error(error)
    return result if isinstance(result, int) else exit_codes.OK


if __name__ == "__main__":
    sys.exit(main())
