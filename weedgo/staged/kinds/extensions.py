"""Extensions: what they bring is theirs, and never looked at."""

from __future__ import annotations

from collections.abc import Iterator

from weedgo.staged.kinds.base import Address, Context, Kind, Row, ident, literal, name, render, work
from weedgo.staged.model import DropMode, Guard, Object, ObjectId, Stage, Work


class ExtensionKind(Kind):
    """``CREATE EXTENSION``, in the source's version where both servers are of one."""

    name = "extension"
    stage = Stage.PREREQUISITES
    label = "extensions"
    source = "extension"
    classid = 3079

    def read(self, row: Row) -> Iterator[tuple[Object, Address | None]]:
        # Another server version brings other versions of its extensions: not a difference.
        attrs = {"schema": row["in_schema"], f"version_on_{row['_major']}": row["version"]}
        info = {
            "version": row["version"],
            "relocatable": row["_relocatable"],
            "needs": (ObjectId("schema", "", row["in_schema"]),),
        }
        yield Object(self.identify(row), attrs, info), (self.classid, row["oid"], 0)

    def create(self, obj: Object, ctx: Context) -> Work:
        text = render("CREATE EXTENSION {} WITH SCHEMA {}", name(obj.id), ident(obj["schema"]))
        if ctx.before.major != ctx.after.major:
            return work(text, guards=(_available(obj, ""),))
        version = obj.get("version")
        text += render(" VERSION {}", literal(version))
        return work(text, guards=(_available(obj, version),))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        done = Work()
        if before["schema"] != after["schema"]:
            if not before.get("relocatable"):
                return Work(
                    refusal=f"{after.id} cannot be moved from schema {before['schema']!r} to "
                    f"{after['schema']!r}: it would have to be dropped with all that uses it"
                )
            text = render(
                "ALTER EXTENSION {} SET SCHEMA {}", name(after.id), ident(after["schema"])
            )
            done = done.then(work(text))
        version = after.get("version")
        if before.get("version") != version and ctx.before.major == ctx.after.major:
            text = render("ALTER EXTENSION {} UPDATE TO {}", name(after.id), literal(version))
            done = done.then(work(text, guards=(_available(after, version),)))
        return done

    def drop(self, obj: Object, ctx: Context) -> Work:
        guards = () if ctx.backward or ctx.options.drop is not DropMode.RETIRE else (_retired(obj),)
        return work(render("DROP EXTENSION {}", name(obj.id)), guards=guards)


_USED = r"""
SELECT count(DISTINCT (d.objid, d.objsubid)) FROM pg_catalog.pg_depend d
  JOIN pg_catalog.pg_depend m ON m.classid = d.refclassid AND m.objid = d.refobjid
   AND m.deptype = 'e' AND m.refclassid = 'pg_catalog.pg_extension'::regclass
  JOIN pg_catalog.pg_extension e ON e.oid = m.refobjid AND e.extname = {}
  JOIN pg_catalog.pg_class c ON c.oid = d.objid
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.objid AND a.attnum = d.objsubid
 WHERE d.classid = 'pg_catalog.pg_class'::regclass
   AND (c.relnamespace = pg_catalog.to_regnamespace('retired')
        OR a.attname LIKE 'weedgo\_retired\_%')
"""


def _retired(obj: Object) -> Guard:
    """Refuse while what a run before has retired needs the extension."""
    message = f"{{count}} retired tables, indexes or columns need {obj.id}"
    remedy = "keep it in the source, or drop what is retired first"
    return Guard(render(_USED, literal(obj.id.name)).strip(), message, remedy, "2BP01")


def _available(obj: Object, version: str) -> Guard:
    """Refuse what the target's server has no files of."""
    wanted = render(" AND version = {}", literal(version)) if version else ""
    query = render(
        "SELECT CASE WHEN count(*) = 0 THEN 1 ELSE 0 END"
        " FROM pg_catalog.pg_available_extension_versions WHERE name = {}{}",
        literal(obj.id.name),
        wanted,
    )
    called = f"{obj.id.name} {version}".strip()
    return Guard(
        query,
        f"the target's server has no files of the extension {called}",
        f"install the extension {called} on the target's server",
    )
