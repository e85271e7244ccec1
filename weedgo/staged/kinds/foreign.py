"""Foreign data wrappers, servers, user mappings and foreign tables.

Their options can hold passwords. Such a value is compared by its digest, sent to the target as it
is, and written nowhere.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from weedgo.staged.kinds.base import (
    ACCESS_EXCLUSIVE,
    Address,
    Context,
    Kind,
    Row,
    comma,
    ident,
    literal,
    name,
    raw,
    render,
    work,
)
from weedgo.staged.kinds.clauses import clause
from weedgo.staged.kinds.naming import lacking
from weedgo.staged.model import Object, ObjectId, Stage, Statement, Work

_SECRET = re.compile(r"pass|secret|token|key|credential|sslcert", re.IGNORECASE)
_PUBLIC_OF_MAPPING = ("user", "username")
_DIGEST = "digest "
_ROUNDS = 100_000


class Hidden(dict[str, str]):
    """Options with their secrets: never printed."""

    def __repr__(self) -> str:
        return f"<{len(self)} options>"


def readable(kind: str, option: str) -> bool:
    """Whether the value of an option may be shown."""
    if kind == "user_mapping":
        return option in _PUBLIC_OF_MAPPING
    return not _SECRET.search(option)


def split(options: list[str]) -> dict[str, str]:
    """Options by name."""
    return {o.split("=", 1)[0]: o.split("=", 1)[1] for o in options}


def _shown(id: ObjectId, options: Mapping[str, str]) -> dict[str, str]:
    """What is compared: values, and digests of those that may not be shown."""
    return {
        option: value if readable(id.kind, option) else _digest(id, option, value)
        for option, value in options.items()
    }


def _digest(id: ObjectId, option: str, value: str) -> str:
    salt = f"{id.parent or id.name} {option}".encode()
    return _DIGEST + hashlib.pbkdf2_hmac("sha256", value.encode(), salt, _ROUNDS).hex()[:32]


class _WithOptions(Kind):
    """A kind with options that may be secret."""

    stage = Stage.PREREQUISITES
    word = ""

    def read(self, row: Row) -> Iterator[tuple[Object, Address | None]]:
        options = Hidden(split(row["options"]))
        for obj, address in super().read(row):
            if obj.id.kind != self.name:
                yield obj, address
                continue
            attrs: dict[str, Any] = {**obj.attrs, "options": _shown(obj.id, options)}
            if obj.get("visible") is False:
                del attrs["options"]  # what may not be seen is not compared
            info = {**obj.info, "given": options, "needs": self.needs(obj)}
            yield Object(obj.id, attrs, info), address

    def needs(self, obj: Object) -> tuple[ObjectId, ...]:
        """What it needs that the catalog's dependencies do not tell."""
        return ()

    def subject(self, obj: Object) -> str:
        """The name in CREATE, ALTER and DROP."""
        return name(obj.id).as_string(None)

    def with_options(
        self, text: str, obj: Object, ctx: Context, table: ObjectId | None = None
    ) -> Work:
        """A statement that ends with OPTIONS (…), shown without what is secret."""
        pairs = {o: render("{} {}", ident(o), literal(v)) for o, v in obj.get("given").items()}
        return _secretly(text, obj, pairs, ctx, table)

    def new_options(
        self, before: Object, after: Object, ctx: Context, table: ObjectId | None = None
    ) -> Work:
        """ALTER … OPTIONS from the one to the other."""
        old, new, given = before["options"], after["options"], after.get("given")
        pairs = {o: render("DROP {}", ident(o)) for o in old if o not in new}
        for option, value in new.items():
            if old.get(option) != value:
                verb = "SET" if option in old else "ADD"
                pairs[option] = render("{} {} {}", verb, ident(option), literal(given[option]))
        if not pairs:
            return Work()
        return _secretly(f"ALTER {self.word} {self.subject(after)}", after, pairs, ctx, table)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(f"DROP {self.word} {self.subject(obj)}")


def _secretly(
    text: str, obj: Object, pairs: dict[str, str], ctx: Context, table: ObjectId | None
) -> Work:
    def ended(options: list[str]) -> str:
        return text + (f" OPTIONS ({comma(options)})" if options else "")

    lock = ACCESS_EXCLUSIVE if table else ""
    given = obj.get("given")
    hidden = [o for o in pairs if o in given and not readable(obj.id.kind, o)]
    if not hidden:
        return Work((Statement(ended(list(pairs.values())), lock, table),))
    if ctx.backward:
        return Work(refusal=f"its secret options are kept nowhere ({', '.join(hidden)})")
    shown = ended([pair for option, pair in pairs.items() if option not in hidden])
    hazard = f"secret options go to the target but into no file: {', '.join(hidden)}"
    statement = Statement(shown, lock, table, secret=ended(list(pairs.values())))
    return Work((statement,), hazards=(hazard,))


class ForeignDataWrapperKind(_WithOptions):
    """``CREATE FOREIGN DATA WRAPPER``."""

    name = "foreign_data_wrapper"
    label = "foreign data"
    source = "foreign_data_wrapper"
    classid = 2328
    word = "FOREIGN DATA WRAPPER"

    def create(self, obj: Object, ctx: Context) -> Work:
        text = "CREATE FOREIGN DATA WRAPPER {}{}"
        return self.with_options(render(text, name(obj.id), raw(_functions(obj))), obj, ctx)

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        done = Work()
        if any(before[k] != after[k] for k in ("handler", "validator")):
            text = "ALTER FOREIGN DATA WRAPPER {}{}"
            done = work(render(text, name(after.id), raw(_functions(after, always=True))))
        return done.then(self.new_options(before, after, ctx))


def _functions(obj: Object, *, always: bool = False) -> str:
    words = [(w.upper(), obj[w]) for w in ("handler", "validator")]
    return "".join(f" {w} {f}" if f else f" NO {w}" for w, f in words if f or always)


class ServerKind(_WithOptions):
    """``CREATE SERVER``; another wrapper or type makes it another one."""

    name = "server"
    label = "foreign data"
    source = "server"
    classid = 1417
    word = "SERVER"

    def create(self, obj: Object, ctx: Context) -> Work:
        text = render(
            "CREATE SERVER {}{}{} FOREIGN DATA WRAPPER {}",
            name(obj.id),
            raw(f" TYPE {literal(obj['type']).as_string(None)}" if obj["type"] else ""),
            raw(f" VERSION {literal(obj['version']).as_string(None)}" if obj["version"] else ""),
            ident(obj["wrapper"]),
        )
        return self.with_options(text, obj, ctx)

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if any(before[k] != after[k] for k in ("type", "wrapper")):
            return Work(replace=True)
        done = Work()
        if before["version"] != after["version"]:
            text = "ALTER SERVER {} VERSION {}"
            done = work(render(text, name(after.id), literal(after["version"])))
        return done.then(self.new_options(before, after, ctx))


class UserMappingKind(_WithOptions):
    """``CREATE USER MAPPING``."""

    name = "user_mapping"
    label = "foreign data"
    source = "user_mapping"
    classid = 1418
    word = "USER MAPPING"

    def needs(self, obj: Object) -> tuple[ObjectId, ...]:
        return (ObjectId("server", "", obj.id.parent),)

    def subject(self, obj: Object) -> str:
        role = raw("PUBLIC") if obj["everybody"] else ident(obj.id.name)
        return render("FOR {} SERVER {}", role, ident(obj.id.parent))

    def create(self, obj: Object, ctx: Context) -> Work:
        if not obj["everybody"] and obj.id.name not in ctx.before.roles:
            return Work(refusal=lacking(obj.id.name))
        if "options" not in obj.attrs:
            return Work(refusal="its options may not be read: name a superuser in the source's URL")
        return self.with_options(f"CREATE USER MAPPING {self.subject(obj)}", obj, ctx)

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if "options" not in before.attrs or "options" not in after.attrs:
            return Work()
        return self.new_options(before, after, ctx)


class ForeignTableKind(_WithOptions):
    """``CREATE FOREIGN TABLE``; its rows are elsewhere, so it can always be made again."""

    name = "foreign_table"
    stage = Stage.TABLES
    label = "foreign tables"
    source = "foreign_table"
    classid = 1259
    word = "FOREIGN TABLE"

    def inline(self, id: ObjectId, ctx: Context) -> frozenset[ObjectId]:
        columns = (*ctx.of("column", id), *ctx.of("column", id, before=True))
        return frozenset(c.id for c in columns if c.id in ctx.changes)

    def create(self, obj: Object, ctx: Context) -> Work:
        columns = ctx.of("column", obj.id)
        if obj["partition_bound"]:
            body = render(" PARTITION OF {} {}", obj["parents"][0], raw(obj["partition_bound"]))
        else:
            own = [clause(c, ctx) for c in columns if not c.get("inherited")]
            inherits = f" INHERITS ({comma(obj['parents'])})" if obj["parents"] else ""
            body = f" ({comma(own)}){inherits}"
        text = "CREATE FOREIGN TABLE {}{} SERVER {}"
        return self.with_options(
            render(text, name(obj.id), raw(body), ident(obj["server"])), obj, ctx
        )

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if any(before[k] != after[k] for k in ("server", "partition_bound", "parents")):
            return Work(replace=True)
        return self.new_options(before, after, ctx, ctx.shared(after.id))

    def drop(self, obj: Object, ctx: Context) -> Work:
        text = f"DROP FOREIGN TABLE {self.subject(obj)}"
        return Work((Statement(text, ACCESS_EXCLUSIVE, ctx.shared(obj.id)),))
