"""Where the commands print, and how the end of a run looks there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, TextIO, cast

from weedgo.management.command import StagedCommand
from weedgo.management.progress import Listener, show
from weedgo.staged.model import Options, Report
from weedgo.staged.report import document, summary


def progress(
    command: StagedCommand, options: Mapping[str, Any]
) -> AbstractContextManager[Listener]:
    """Progress on the terminal: beside the JSON document, never into it."""
    wrapper = command.stderr if options["json"] else command.stdout
    stream = cast("TextIO", getattr(wrapper, "_out", wrapper))
    return show(stream, options["verbosity"], colour=not options["no_color"])


def tell(
    command: StagedCommand, report: Report, chosen: Options, options: Mapping[str, Any]
) -> None:
    """Print the end of a run: a summary, or the document that --json promises.

    With --verbosity 0 a run that did all that was asked for says nothing.
    """
    if options["json"]:
        command.print_json(document.result(report))
        return
    if not options["verbosity"] and not report.exit and report.status != "planned":
        return
    styled = _styles(command)
    # As the user knows it: an alias says more than where it leads.
    named = replace(report, target=options["target"] or "")
    for line in summary(named, chosen, command.again("--plan")):
        word = line.split(" ", 1)[0].rstrip(":.")
        command.say(styled.get(word, str)(line))


def _styles(command: StagedCommand) -> Mapping[str, Callable[[str], str]]:
    """Styles by the first word of a line; without a terminal they change nothing."""
    style = command.style
    return {
        "Done": style.SUCCESS,
        "Nothing": style.SUCCESS,
        "Planned": style.SUCCESS,
        "Rolled": style.SUCCESS,
        "Not": style.ERROR,
        "Failed": style.ERROR,
        "Refused": style.ERROR,
        "Waiting": style.WARNING,
    }
