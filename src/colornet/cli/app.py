"""The program `colornet`: its commands, and what their errors become."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from colornet import __version__
from colornet.cli.exit_codes import FAILED, INTERRUPTED, TERMINATED, code_of
from colornet.cli.options import say
from colornet.cli.startup import end
from colornet.errors import ColornetError, OptionError, system_reason
from colornet.extras import extra_of, install_hint
from colornet.paths import path_of

UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
"""The system's errors of an output, such as a full disk, that commands do not name themselves."""
KINDS = {"float( range)?": "a number", "int( range)?": "a whole number"}
"""What people call the values of options, by the parser's words."""
NARROW = 80
"""Columns of a terminal below which a command's help is no table, in which names would be cut."""
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


def build_app(commands: Sequence[str] = COMMANDS, plain: bool = False) -> typer.Typer:
    """The program with some of its commands, and help in plain text or in tables."""
    app = typer.Typer(
        name="colornet",
        rich_markup_mode=None if plain else "rich",
        help="Colorize grayscale photographs.",
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_program)
    for name in commands:
        module = import_module(f"colornet.cli.{name}")
        command = getattr(module, name)
        about = _flowing(command.__doc__ or "")  # there is none under python -OO
        app.command(help=about, cls=getattr(module, "Command", None))(command)
    return app


def _flowing(text: str) -> str:
    """A docstring without line breaks within paragraphs, for terminals of any width."""
    return "\n\n".join(" ".join(each.split()) for each in text.split("\n\n"))


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
        _refuse_empty(given)
        known = tuple(name for name in given[:1] if name in COMMANDS)
        plain = bool(known) and shutil.get_terminal_size().columns < NARROW
        app = build_app(known or COMMANDS, plain)  # 2 ms for each command
        program = typer.main.get_command(app)
        _take_paths_as_everywhere(program)
        code = program(given, prog_name="colornet", standalone_mode=False, obj=given)
    except ColornetError as error:
        say(error)
        return code_of(error)
    except typer.TyperException as error:
        return _explain_usage(error, given)
    except OSError as error:
        if error.filename is not None:  # no command should come here, and no path needs a traceback
            name = os.fsdecode(error.filename)
            say(f"{name}: {system_reason(error)}; check the name and its permissions")
            return FAILED
        if isinstance(error, FileNotFoundError):  # without a name: of `tempfile`
            remedy = "make room there, or set TMPDIR to another folder"
            say(f"TMPDIR: cannot be written ({system_reason(error)}); {remedy}")
            return FAILED
        if error.errno not in UNWRITABLE:
            raise
        say(f"the output: cannot be written ({os.strerror(error.errno).lower()})")
        return FAILED
    except ModuleNotFoundError as error:
        return _explain_missing(error)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as signaled:
        if signaled.code != TERMINATED:
            raise
        code = TERMINATED
    if code in ENDED:
        say(ENDED[code])
    return code if isinstance(code, int) else 0


class _PathType(typer.models.TyperPath):
    """A path; whether it can be read, the commands find out, and say what is to be done."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Path:
        """The path that was given."""
        return path_of(_called(param), value)


def _called(parameter: Any) -> str:
    """The name of an option, or of an argument, in messages."""
    longest = max(parameter.opts, key=len)
    return longest if longest.startswith("-") else parameter.human_readable_name


def _take_paths_as_everywhere(program: Any) -> None:
    for command in program.commands.values():
        for parameter in command.params:
            if isinstance(parameter.type, typer.models.TyperPath):
                parameter.type = _PathType()


def _refuse_empty(arguments: Sequence[str]) -> None:
    """Refuse arguments that are empty, as of a shell's variable without a value.

    As a path, one would stand for the current folder, and all pictures in it.

    Raises:
        OptionError: there is one.
    """
    for before, argument in pairwise(("", *arguments)):
        option, equals, value = argument.partition("=")
        if not argument or (option.startswith("--") and equals and not value):
            name = option or (before if before.startswith("-") else "an argument")
            raise OptionError(name, "is empty", "give a value, or leave it out")


def _explain_usage(error: typer.TyperException, given: Sequence[str]) -> int:
    message = error.format_message().rstrip(".")
    for kind, meant in KINDS.items():
        message = re.sub(f"a valid {kind}$", meant, message)
    command = " ".join(("colornet", *(name for name in given[:1] if name in COMMANDS)))
    remedy = f"see '{command} --help'"
    if any(name.startswith("-") and os.path.lexists(name) for name in given):
        remedy = "put -- before names that begin with a dash"
    if message.endswith("?"):
        say(f"{message} {remedy.capitalize()}")
    elif message:
        say(f"{message}; {remedy}")
    return error.exit_code


def _explain_missing(error: ModuleNotFoundError) -> int:
    module = (error.name or "").partition(".")[0]
    extra = extra_of(module)
    if extra is None:
        raise error
    say(f"{module}: is not installed; {install_hint(extra)}")
    return FAILED
