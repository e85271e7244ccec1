"""The arguments that the commands of the migration engine have in common, and their meaning."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError

from weedgo.management import schema, values
from weedgo.staged.model import TIMEOUTS, DropMode, Options, Rename, Stage
from weedgo.staged.report import words

if TYPE_CHECKING:
    from weedgo.management.models.way import Scope
    from weedgo.staged.sources import Source

# What parsers and their groups share; argparse gives it no public name.
Group = argparse._ActionsContainer  # noqa: SLF001
PASSWORDS = (
    "A password belongs in PGPASSWORD, a passfile or a service "
    "(postgresql:///?service=NAME), not here where other users of the machine can see it."
)


def database(text: str | None) -> str:
    """The connection string of a URL or of one of Django's databases; by default the owner's.

    Raises:
        CommandError: Django has no such database.
    """
    if text and values.is_url(text):
        return text
    from weedgo import databases, project

    try:
        return databases.url_of(text or project.owner())
    except KeyError:
        raise CommandError(
            f"--target {words.redact(text or '')}: {_known_aliases()}", returncode=2
        ) from None


def _known_aliases() -> str:
    from django.conf import settings

    names = ", ".join(sorted(settings.DATABASES))
    return f"neither a URL ({values.FORM}) nor one of Django's databases ({names})"


def add_source(parser: Group) -> None:
    """``--source``, and which schemas of the models."""
    parser.add_argument(
        "--source",
        default=values.MODELS,
        type=values.place,
        metavar="models|URL|FILE.sql",
        help="whose schema is wanted: this project's models in `public` and in the schema of each "
        f"tenant (default), a database, or a file of SQL; only read. {PASSWORDS}",
    )
    parser.add_argument(
        "--shared", action="store_true", help="of the models only what all tenants share, in public"
    )
    parser.add_argument(
        "--tenants", nargs="+", default=[], metavar="NAME",
        help="of the models only these tenants' schemas (with --shared: the shared one too)",
    )  # fmt: skip


def from_models(options: Mapping[str, Any]) -> bool:
    """Whether the models are the source.

    Raises:
        CommandError: schemas of the models were named, but another source.
    """
    if options["source"] == values.MODELS:
        return True
    if options["shared"] or options["tenants"]:
        named = "--shared" if options["shared"] else "--tenants"
        raise CommandError(f"{named} needs --source {values.MODELS}", returncode=2)
    return False


def scope(options: Mapping[str, Any]) -> Scope:
    """Which schemas of the models are asked for; all where none is named."""
    from weedgo.management.models.way import Scope

    tenants = options["tenants"]
    if not tenants and not options["shared"]:
        return Scope()
    return Scope(shared=bool(options["shared"]), tenants=tuple(tenants))


def source(options: Mapping[str, Any], target: str, chosen: Options) -> Source:
    """The source, for commands that only compare; the models are worked out for the target.

    Raises:
        CommandError: schemas of the models were named, but another source.
        StagedError: the models cannot be worked out.
    """
    if not from_models(options):
        return str(options["source"])
    from weedgo.management.models.way import wanted

    return wanted(target, chosen, scope(options))


def add_target(parser: Group, *, what: str = "the database to change") -> None:
    """``--target``."""
    parser.add_argument(
        "--target",
        type=values.target,
        metavar="URL|ALIAS",
        help=f"{what}: a URL, or one of Django's databases (default: that which the setting "
        f"MIGRATION_ALIAS names, or `default`). {PASSWORDS}",
    )


def add_scope(parser: Group) -> None:
    """What is compared, and how."""
    scope = parser.add_argument_group("what is compared")
    scope.add_argument(
        "--schema", action="append", default=[], type=values.pattern, metavar="PATTERN",
        help="only these: SCHEMA or SCHEMA.NAME, with * for any part of a name; repeatable",
    )  # fmt: skip
    scope.add_argument(
        "--exclude", action="append", default=[], type=values.pattern, metavar="PATTERN",
        help="not these, in the same form; repeatable",
    )  # fmt: skip
    scope.add_argument("--no-owner", action="store_true", help="do not compare owners")
    scope.add_argument("--no-privileges", action="store_true", help="do not compare grants")
    scope.add_argument(
        "--role-map", action="append", default=[], type=values.role, metavar="A=B",
        help="the source's role A is the target's role B; repeatable",
    )  # fmt: skip
    scope.add_argument(
        "--scratch-url", type=values.url, metavar="URL",
        help="server on which scratch databases may be made and dropped (default: the target's, "
        "if its role may create databases); definitions that two versions print differently "
        "are settled there",
    )  # fmt: skip


def add_rename(parser: Group) -> None:
    """``--rename``."""
    parser.add_argument(
        "--rename", type=Path, metavar="FILE",
        help="TOML file of what the target has under another name, so that it is renamed and not "
        'dropped and added: [tables] "public.customer" = "public.customers"',
    )  # fmt: skip


def add_stage(parser: Group, what: str) -> None:
    """``--stage``."""
    names = ", ".join(f"{stage.value} {stage.name.lower()}" for stage in Stage)
    parser.add_argument(
        "--stage", type=values.stages, metavar="N|N-M", help=f"{what}. Stages: {names}"
    )


def add_online(parser: Group) -> None:
    """How long to wait for others, and how often to try."""
    default = Options()
    online = parser.add_argument_group(
        "waiting for others", "times as PostgreSQL writes them: 500ms, 2s, 1min"
    )
    online.add_argument(
        "--lock-timeout", type=values.positive_duration, default=default.lock_timeout,
        metavar="TIME",
        help="how long a statement may queue for a lock on a table in use; then it lets go and is "
        f"tried again (default: {words.duration(default.lock_timeout)})",
    )  # fmt: skip
    online.add_argument(
        "--statement-timeout", action="append", default=[], type=values.timeout,
        metavar="[CLASS=]TIME",
        help="how long one statement may run, of a class or of all: catalog (it locks a table in "
        f"use, for a moment; default {words.duration(TIMEOUTS['catalog'])}), scan (it reads or "
        "rewrites a table), build (concurrently), batch (of a backfill); 0 for any time, the "
        "default of the last three; repeatable",
    )  # fmt: skip
    online.add_argument(
        "--wait-timeout", type=values.positive_duration, default=default.wait_timeout,
        metavar="TIME",
        help="how long one step may wait for locks and old transactions in all "
        f"(default: {words.duration(default.wait_timeout)})",
    )  # fmt: skip
    online.add_argument(
        "--retries", type=values.number, default=default.retries, metavar="N",
        help=f"how often a lock is asked for again (default: {default.retries})",
    )  # fmt: skip


def add_rewriting(parser: Group) -> None:
    """What may be done to large tables where PostgreSQL has no online way."""
    parser.add_argument(
        "--allow-rewrite", action="store_true",
        help="also do what can only be done by rewriting or reading a large table under a lock; "
        "without it such steps wait",
    )  # fmt: skip
    parser.add_argument(
        "--rewrite-limit", type=values.size, default=Options().rewrite_limit, metavar="SIZE",
        help="above which size a table is large (default: 16MB); up to it, tables are rewritten "
        "where they have to be, above it changes of a column's type are made beside the traffic",
    )  # fmt: skip


def add_json(parser: Group) -> None:
    """``--json``."""
    parser.add_argument(
        "--json",
        action="store_true",
        help="print one JSON document on standard output; progress goes to standard error",
    )
    parser.add_argument(
        "--json-schema", action=_ShowSchema, help="print the JSON schema of that document, and end"
    )


class _ShowSchema(argparse.Action):
    """Prints the schema of the command's document, whatever else is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: Any) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, **more)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> None:
        print(schema.path(parser.prog.split()[-1]).read_text(encoding="utf-8").rstrip())  # noqa: T201
        parser.exit()


def add_output(parser: Group, text: str) -> None:
    """``--output``."""
    parser.add_argument("--output", type=Path, metavar="DIR", help=text)


def folder_of(run: str) -> Path:
    """The folder of a run's files, where none was chosen."""
    from weedgo import project

    folder = project.folder() / "runs" / run
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _tool_folders() -> tuple[str, ...]:
    """Where the embedded servers' own pg_dump and psql are, for machines that have no others."""
    from weedgo import embedded

    try:
        return (str(embedded.bin_dir(max(embedded.VERSIONS.values()))),)
    except embedded.EmbeddedError:
        return ()


def _timeouts(given: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The times of classes; what is for all is for those that are not named."""
    found = dict(given)
    general = found.pop("", None)
    return found if general is None else {**dict.fromkeys(TIMEOUTS, general), **found}


# Arguments that are options by another name or form, where they are given.
MEANINGS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "stage": ("stages", tuple),
    "drop": ("drop", DropMode),
    "lock_timeout": ("lock_timeout", float),
    "statement_timeout": ("statement_timeouts", _timeouts),
    "wait_timeout": ("wait_timeout", float),
    "retries": ("retries", int),
    "jobs": ("jobs", int),
    "allow_rewrite": ("allow_rewrite", bool),
    "rewrite_limit": ("rewrite_limit", int),
}


def options(found: Mapping[str, Any]) -> Options:
    """What the arguments ask for; those that a command does not have keep their defaults.

    Raises:
        CommandError: a role is mapped twice.
    """
    given: dict[str, Any] = {
        "schemas": tuple(found.get("schema") or ()),
        "excludes": tuple(found.get("exclude") or ()),
        "owners": not found.get("no_owner"),
        "privileges": not found.get("no_privileges"),
        "role_map": _roles(found.get("role_map") or ()),
        "scratch_url": found.get("scratch_url") or "",
        "tool_folders": _tool_folders(),
        "backfills": _backfills(found.get("backfill")),
        "renames": _renames(found.get("rename")),
    }
    for name, (option, meaning) in MEANINGS.items():
        if found.get(name) is not None:
            given[option] = meaning(found[name])
    return Options(**given)


def _backfills(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    from weedgo.staged import backfill

    return backfill.load(path)


def _renames(path: Path | None) -> tuple[Rename, ...]:
    if path is None:
        return ()
    from weedgo.staged import renames

    return renames.load(path)


def _roles(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    roles: dict[str, str] = {}
    for theirs, ours in pairs:
        if roles.setdefault(theirs, ours) != ours:
            raise CommandError(
                f"--role-map names {theirs} twice, as {roles[theirs]} and as {ours}", returncode=2
            )
    return roles
