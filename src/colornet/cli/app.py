"""The program `colornet`: its commands, and what their errors become."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, NoReturn

import typer

from colornet import __version__
from colornet.cli.exit_codes import FAILED, INTERRUPTED, TERMINATED, code_of
from colornet.cli.options import say
from colornet.cli.startup import end
from colornet.errors import ColornetError
from colornet.extras import extra_of, install_hint

ENDED = {INTERRUPTED: "interrupted", TERMINATED: "terminated"}

COMMANDS = (
    "colorize",
    "video",
    "info",
    "serve",
    "models",
    "prepare",
    "train",
    "evaluate",
    "export",
    "archive",
)
"""Each is a function of that name in a module of that name, which may have a `Command` to parse its
options."""


def build_app(commands: Sequence[str] = COMMANDS) -> typer.Typer:
    """The program with some of its commands."""
    app = typer.Typer(
        name="colornet",
        help="Colorize grayscale photographs.",
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_program)
    for name in commands:
        module = import_module(f"colornet.cli.{name}")
        app.command(cls=getattr(module, "Command", None))(getattr(module, name))
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"colornet {__version__}")
        raise typer.Exit


def _program(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def run() -> NoReturn:
    """The program as a process."""
    code = main()
    end(code, at_once=sys.argv[1:2] == ["colorize"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: without the program's name; None: those of this process.

    Returns:
        The exit code.
    """
    try:
        given = sys.argv[1:] if arguments is None else list(arguments)
        known = tuple(name for name in given[:1] if name in COMMANDS)
        app = build_app(known or COMMANDS)  # each that is built costs 2 ms
        code = app(given, prog_name="colornet", standalone_mode=False, obj=given)
    except ColornetError as error:
        say(error)
        return code_of(error)
    except typer.TyperException as error:
        return _explain_usage(error)
    except BrokenPipeError:  # as of `colornet models | head -1`
        return FAILED
    except ModuleNotFoundError as error:
        return _explain_missing(error)
    if code in ENDED:
        say(ENDED[code])
    return code if isinstance(code, int) else 0


def _explain_usage(error: typer.TyperException) -> int:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "colornet"
    message = error.format_message().rstrip(".")
    if message:
        say(f"{message}; see '{command} --help'")
    return error.exit_code


def _explain_missing(error: ModuleNotFoundError) -> int:
    module = (error.name or "").partition(".")[0]
    extra = extra_of(module)
    if extra is None:
        raise error
    say(f"{module}: is not installed; {install_hint(extra)}")
    return FAILED
