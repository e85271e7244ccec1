"""Rules as TOML, so that they can live in a repository and be reviewed there.

One table for each rule, by name; what is left out is as the model has it.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import tomli_w
from django.core.exceptions import ValidationError
from django.db import models, transaction

from ratelimit.models import RateLimitRule

# What the database keeps for itself.
OWN = ("id", "name", "version", "created_at", "updated_at")
FIELDS = {f.name: f for f in RateLimitRule._meta.concrete_fields if f.name not in OWN}


class RulesFileError(ValueError):
    """A file holds what is no set of rules; the message says which, where and why."""


@dataclass(frozen=True)
class Changes:
    """What an import does, by the names of rules."""

    made: tuple[str, ...]
    changed: tuple[str, ...]
    deleted: tuple[str, ...]
    same: tuple[str, ...]


def export_rules() -> str:
    """Return all rules as TOML, in the order in which they are asked."""
    rules = RateLimitRule.objects.order_by("priority", "id")
    return tomli_w.dumps({rule.name: _table(rule) for rule in rules})


@transaction.atomic
def import_rules(text: str, *, prune: bool = False, dry_run: bool = False) -> Changes:
    """Make the rules what a file says: all of it, or nothing where any of it is wrong.

    Args:
        text: TOML.
        prune: delete the rules that it does not name.
        dry_run: only find out what would change.

    Raises:
        RulesFileError: it is no TOML, or one of its rules is none.
    """
    tables = _read(text)
    standing = {rule.name: rule for rule in RateLimitRule.objects.select_for_update()}
    wanted = {name: _rule(name, table, standing.get(name)) for name, table in tables.items()}
    found: dict[str, list[str]] = {"made": [], "changed": [], "same": []}
    for name, rule in wanted.items():
        before = standing.get(name)
        kind = "made" if before is None else "same" if _equal(before, rule) else "changed"
        found[kind].append(name)
        if kind != "same" and not dry_run:
            rule.save()
    gone = [name for name in standing if prune and name not in wanted]
    if gone and not dry_run:
        RateLimitRule.objects.filter(name__in=gone).delete()
    return Changes(
        made=tuple(found["made"]),
        changed=tuple(found["changed"]),
        deleted=tuple(gone),
        same=tuple(found["same"]),
    )


def _read(text: str) -> dict[str, Mapping[str, Any]]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesFileError(f"this is no TOML: {error}") from None
    for name, table in tables.items():
        if not isinstance(table, Mapping):
            raise RulesFileError(
                f"{name!r} stands outside of a rule; write [{name}] before its lines"
            )
        if unknown := sorted(set(table) - set(FIELDS)):
            raise RulesFileError(
                f"rule {name!r} has no {unknown[0]!r}; there are {', '.join(sorted(FIELDS))}"
            )
    return tables


def _rule(name: str, table: Mapping[str, Any], before: RateLimitRule | None) -> RateLimitRule:
    rule = RateLimitRule(name=name)
    for field, value in table.items():
        # A float's own digits, not those of its binary neighbour.
        setattr(rule, field, Decimal(str(value)) if isinstance(value, float) else value)
    if before is not None:
        rule.pk = before.pk
        rule._state.adding = False  # noqa: SLF001 - Django's own way to say that it stands
    try:
        rule.full_clean()
    except ValidationError as error:
        raise RulesFileError(f"rule {name!r}: {_told(error)}") from None
    except (ArithmeticError, TypeError, ValueError) as error:
        raise RulesFileError(f"rule {name!r} holds a value of a wrong kind: {error}") from None
    return rule


def _told(error: ValidationError) -> str:
    parts = error.message_dict.items()
    return "; ".join(
        " ".join(messages) if field == "__all__" else f"{field}: {' '.join(messages)}"
        for field, messages in parts
    )


def _equal(one: RateLimitRule, other: RateLimitRule) -> bool:
    return all((getattr(one, name) or None) == (getattr(other, name) or None) for name in FIELDS)


def _table(rule: RateLimitRule) -> dict[str, Any]:
    """The fields that are not as they are anyway."""
    plain = RateLimitRule(name=rule.name)
    values = {name: getattr(rule, name) for name in FIELDS}
    return {
        name: _plain(value)
        for name, value in values.items()
        if value is not None and value != getattr(plain, name)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC)
    return str(value) if isinstance(value, models.enums.Choices) else value
