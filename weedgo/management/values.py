"""What the commands' arguments mean: times, sizes, stages, patterns, databases.

Each function is the ``type`` of an argument: it takes the text as typed, returns its meaning, and
raises `argparse.ArgumentTypeError` with what is wrong.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from weedgo.staged.model import TIMEOUTS, Stage
from weedgo.staged.report import words

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
FORM = "postgresql://USER@HOST:PORT/DATABASE"
ANY_URL = re.compile(r"^postgres(ql)?://", re.IGNORECASE)


def duration(text: str) -> float:
    """A span of time as PostgreSQL writes it, in seconds: ``2s``, ``500ms``, ``1min``; or 0.

    Raises:
        argparse.ArgumentTypeError: it is none, or has no unit.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", text)
    number, unit = (float(found[1]), found[2]) if found else (0.0, "?")
    if found and not unit and number == 0:
        return 0.0
    if unit not in UNITS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time; write for example 500ms, 2s or 1min"
        )
    return number * UNITS[unit]


def timeout(text: str) -> tuple[str, float]:
    """A span of time for statements of one class, or of all (the empty one).

    Raises:
        argparse.ArgumentTypeError: it is no time, or the class is unknown.
    """
    kind, sign, time = text.rpartition("=")
    kind = kind.strip()
    if sign and kind not in TIMEOUTS:
        raise argparse.ArgumentTypeError(
            f"{kind!r} is no class of statements; write TIME or CLASS=TIME with one of "
            f"{', '.join(TIMEOUTS)}"
        )
    return kind, duration(time)


def positive_duration(text: str) -> float:
    """A span of time above zero.

    Raises:
        argparse.ArgumentTypeError: it is none, or zero.
    """
    seconds = duration(text)
    if round(seconds * 1000) < 1:
        raise argparse.ArgumentTypeError(
            "it must be at least 1ms: all others queue behind a statement that waits without end"
        )
    return seconds


def number(text: str) -> int:
    """A whole number from 0.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0")
    return int(text)


def count(text: str) -> int:
    """A whole number from 1.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def size(text: str) -> int:
    """An amount of storage as PostgreSQL writes it, in bytes: ``16MB``, ``1GB``; or 0.

    Raises:
        argparse.ArgumentTypeError: it is none, or has no unit.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kMGT]?B)?\s*", text)
    number = float(found[1]) if found else 0.0
    if found is None or (found[2] is None and number):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write for example 500kB or 16MB")
    return round(number * 1024 ** ("B", "kB", "MB", "GB", "TB").index(found[2] or "B"))


def stages(text: str) -> tuple[Stage, ...]:
    """One stage or a range: ``7``, ``1-6``.

    Raises:
        argparse.ArgumentTypeError: there are no such stages.
    """
    found = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", text.strip())
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    known = tuple(stage for stage in Stage if first <= stage <= last)
    if first > last or last > max(Stage):
        names = ", ".join(f"{stage.value} {stage.name.lower()}" for stage in Stage)
        raise argparse.ArgumentTypeError(f"{text!r} is no stage; write N or N-M of {names}")
    return known


def role(text: str) -> tuple[str, str]:
    """A pair of roles, the source's and the target's: ``legacy_app=app``.

    Raises:
        argparse.ArgumentTypeError: it is no pair.
    """
    theirs, sign, ours = text.partition("=")
    if not (theirs and sign and ours):
        raise argparse.ArgumentTypeError(f"{text!r} is no pair of roles; write OF_SOURCE=OF_TARGET")
    return theirs, ours


def pattern(text: str) -> str:
    """A pattern of objects: ``public``, ``public.orders``, ``public.tmp_*``.

    Raises:
        argparse.ArgumentTypeError: it is empty.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError(
            "an empty pattern matches nothing; write schema or schema.name"
        )
    return text.strip()


MODELS = "models"


def place(text: str) -> str:
    """A database by URL, a file of SQL, or the project's models.

    Raises:
        argparse.ArgumentTypeError: it is none of them.
    """
    if is_url(text) or text == MODELS:
        return text
    if text.endswith(".sql"):
        if not Path(text).is_file():
            raise argparse.ArgumentTypeError(f"there is no file {text}")
        return text
    raise argparse.ArgumentTypeError(
        f"{words.redact(text)!r} is neither a URL ({FORM}) nor a .sql file, nor {MODELS}"
    )


def target(text: str) -> str:
    """A database by URL or by one of Django's aliases.

    Raises:
        argparse.ArgumentTypeError: it is empty, as of a variable that is not set: whoever names a
            target must not reach another.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError(f"it is empty; write {FORM}, or leave it out")
    return text


def url(text: str) -> str:
    """A database by URL.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if is_url(text):
        return text
    raise argparse.ArgumentTypeError(f"{words.redact(text)!r} is no URL; write {FORM}")


def is_url(text: str) -> bool:
    """Whether the text is a PostgreSQL URL or a libpq connection string."""
    return bool(ANY_URL.match(text)) or ("=" in text and "/" not in text.split("=", 1)[0])
