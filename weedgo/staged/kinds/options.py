"""Storage options (``reloptions``) as PostgreSQL keeps them: ``name=value`` texts."""

from __future__ import annotations

from weedgo.staged.kinds.base import comma, ident, literal, render


def _name(option: str) -> str:
    return ".".join(ident(part).as_string(None) for part in option.split("=", 1)[0].split("."))


def settings(options: list[str]) -> str:
    """The options as the inside of ``SET (…)`` or ``WITH (…)``."""
    return comma([render("{} = {}", _name(o), literal(o.split("=", 1)[1])) for o in options])


def reset(before: list[str], after: list[str]) -> str:
    """Names of the options that are to go, as the inside of ``RESET (…)``; empty for none."""
    kept = {_name(o) for o in after}
    return comma([n for n in (_name(o) for o in before) if n not in kept])
