"""What the forms of rules refuse, in the words of the compiler that would refuse it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from ratelimit import rules


def validate_template(value: str) -> None:
    """Raise ValidationError unless keys can be made by the template."""
    try:
        rules.checked_template(value)
    except ValueError as error:
        raise ValidationError(_sentence(error)) from None


def validate_costs(value: Any) -> None:
    """Raise ValidationError unless the value is a map of tokens by method, path or both."""
    try:
        rules.costs_of(value)
    except ValueError as error:
        raise ValidationError(_sentence(error)) from None


def validate_methods(value: list[str]) -> None:
    """Raise ValidationError unless all are names of HTTP methods."""
    for method in value:
        if not (method.isascii() and method.isalpha()):
            raise ValidationError("%(method)s is no HTTP method.", params={"method": method})


def _sentence(error: ValueError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
