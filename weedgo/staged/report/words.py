"""How figures, names and durations are put into words, the same in every file and on the screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from weedgo.staged import sizes
from weedgo.staged.model import Action, Change, Object, ObjectId, Stage

size = sizes.shown
PAST = {
    Action.CREATE: "created",
    Action.ALTER: "altered",
    Action.REPLACE: "replaced",
    Action.DROP: "dropped",
    Action.RETIRE: "retired",
    Action.RENAME: "renamed",
}
_URL_PASSWORD = re.compile(r"(?P<head>\w+://[^:/@?\s]*):[^?\s]*(?=@)")
_NAMED_PASSWORD = re.compile(r"(?i)\b(password|sslpassword)\s*=\s*('(?:[^'\\]|\\.)*'|[^&\s]+)")


def redact(text: str) -> str:
    """The text without the passwords of the connection strings in it."""
    text = _URL_PASSWORD.sub(r"\g<head>", text)
    return _NAMED_PASSWORD.sub(r"\1=***", text)


def line(text: str) -> str:
    """The text on one line, without control characters that a terminal or psql would obey."""
    spaced = re.sub(r"[ ]*[\x00-\x1f\x7f-\x9f\u2028\u2029]+[ ]*", " ", text)
    return spaced.strip()


def sentence(text: str) -> str:
    """The text on one line, with a capital letter at its beginning."""
    text = line(text)
    return text[:1].upper() + text[1:]


def short(text: str, width: int) -> str:
    """The text on one line, cut in the middle to a width."""
    text = line(text)
    if len(text) <= width:
        return text
    head = (width - 1) // 2
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: ``1 index``, ``312 indexes``."""
    return f"{number:,} {noun if number == 1 else plural or plural_of(noun)}"


def plural_of(noun: str) -> str:
    """The plural of an English noun, as far as kinds of objects need it."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def duration(seconds: float) -> str:
    """A span of time: ``12 ms``, ``3.4 s``, ``2 min 5 s``."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if round(seconds, 1) < 60:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (0 if hours else rest, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


def clock(seconds: float) -> str:
    """A span of time as a clock shows it: ``0:07``."""
    minutes, rest = divmod(int(seconds), 60)
    return (
        f"{minutes}:{rest:02}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
    )


def kind(id: ObjectId) -> str:
    """The kind of an object in words: ``materialized view``, ``comment on column``."""
    own = id.kind.replace("_", " ")
    return f"{own} of {id.target.replace('_', ' ')}" if id.target else own


def stage(stage: Stage) -> str:
    """A stage in words: ``stage 7, indexes``."""
    return f"stage {stage.value}, {stage.name.lower()}"


def stages(found: Iterable[Stage]) -> str:
    """Stages as ``--stage`` takes them: ``7`` or ``1-6``; several of these where there are gaps."""
    runs: list[list[int]] = []
    for number in sorted({int(stage) for stage in found}):
        if runs and runs[-1][-1] == number - 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ", ".join("-".join(map(str, run)) for run in runs)


def reason(change: Change, width: int = 60) -> str:
    """Why a change is made: what the source has that the target has not.

    Args:
        width: to how many characters a value is cut; definitions of routines are long.
    """
    if change.action is Action.RENAME and change.after is not None:
        return f"is {change.after.id.path} in the source"
    if change.before is None:
        return "only the source has it"
    if change.after is None:
        return "only the target has it"
    return "; ".join(attribute(change, name, width) for name in change.attributes)


def attribute(change: Change, name: str, width: int) -> str:
    """One attribute that differs, with both values where they are short enough to be read."""
    before, after = value(change.before, name), value(change.after, name)
    if len(before) + len(after) > 2 * width:
        return f"{name.replace('_', ' ')} differs"
    return f"{name.replace('_', ' ')}: {before} → {after}"


def value(obj: Object | None, name: str) -> str:
    """The value of an attribute in words."""
    return plain(None if obj is None else obj.attrs.get(name))


def plain(found: Any) -> str:
    """Any value in words."""
    if found is None or found == "":
        return "none"
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, Mapping):
        return ", ".join(f"{key} {plain(item)}" for key, item in found.items()) or "none"
    if isinstance(found, Iterable) and not isinstance(found, str):
        return ", ".join(plain(item) for item in found) or "none"
    return line(str(found))


def columns(
    rows: Sequence[Sequence[str]], *, right: Iterable[int] = (), gap: str = "  "
) -> list[str]:
    """Rows as lines with aligned columns.

    Args:
        right: positions of the columns that are aligned to the right.
    """
    right = frozenset(right)
    if not rows:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(gap.join(cells).rstrip())
    return lines


def markdown_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()
) -> list[str]:
    """Rows as a Markdown table."""
    right = frozenset(right)
    rule = [("--:" if i in right else "---") for i in range(len(head))]
    body = [f"| {' | '.join(map(cell, row))} |" for row in rows]
    return [f"| {' | '.join(head)} |", f"| {' | '.join(rule)} |", *body]


def cell(text: str) -> str:
    """Text that stays inside its cell of a Markdown table."""
    return line(text).replace("|", "\\|")


def code(text: str) -> str:
    """Text as Markdown code, whatever backticks it holds."""
    text = line(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"
