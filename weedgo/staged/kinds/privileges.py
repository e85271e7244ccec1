"""Grants on objects of every kind, on columns, and by default on what is still to come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from weedgo.staged.kinds import acl
from weedgo.staged.kinds.acl import Access
from weedgo.staged.kinds.base import (
    Address,
    Context,
    Kind,
    Row,
    comma,
    ident,
    name,
    privileges,
    raw,
    relation,
    render,
    work,
)
from weedgo.staged.kinds.naming import lacking
from weedgo.staged.model import Action, Catalog, Change, Object, ObjectId, Stage, Work

DEFAULTS = {
    "table": "TABLES",
    "sequence": "SEQUENCES",
    "function": "FUNCTIONS",
    "type": "TYPES",
    "schema": "SCHEMAS",
}
_WORDS = {
    "table": "TABLE",
    "sequence": "SEQUENCE",
    "function": "ROUTINE",
    "type": "TYPE",
    "schema": "SCHEMA",
    "language": "LANGUAGE",
}


def default_id(schema: str, role: str, on: str) -> ObjectId:
    """The id of default privileges; the schema is empty for those of all schemas."""
    return ObjectId("default_privileges", schema, f"{role} {on.lower()}")


class PrivilegesKind(Kind):
    """``GRANT`` and ``REVOKE``, from one access list to the other."""

    name = "privileges"
    stage = Stage.ACCESS
    label = "grants"
    source = "privileges"

    def read(self, row: Row) -> Iterator[tuple[Object, Address | None]]:
        fact = ObjectId("privileges", row["schema"], row["name"], row["parent"], row["target"])
        needs = []
        if row["target"] == "column":
            kinds = ("table", "view", "materialized_view", "foreign_table")
            needs = [ObjectId("privileges", fact.schema, fact.parent, "", kind) for kind in kinds]
        elif row["column"]:
            needs = [ObjectId("column", fact.schema, row["column"], fact.parent)]
            needs.append(ObjectId("owner", fact.schema, fact.parent, "", "table"))
        found = privileges(fact, row, *needs)
        if fact.target != "language" or not _plain(found):
            yield found, None

    def absorbed(self, change: Change, ctx: Context) -> ObjectId | None:
        if change.action is Action.DROP and change.before is not None:
            return _ending(change.before, ctx)
        if change.action is not Action.CREATE or change.after is None:
            return None
        done = self.create(change.after, ctx)
        return None if done.statements or done.refusal else _subject(change.after)

    def create(self, obj: Object, ctx: Context) -> Work:
        done = _transition(obj.id, born(obj.id, ctx), acl.access_of(obj), ctx)
        return done.then(_once_owned(obj)) if done.statements else done

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        done = _transition(after.id, acl.access_of(before), acl.access_of(after), ctx)
        return done.then(_once_owned(after)) if done.statements else done

    def drop(self, obj: Object, ctx: Context) -> Work:
        owner = owner_of(obj.id, ctx.before, ctx.before)
        return _transition(obj.id, acl.access_of(obj), born(obj.id, ctx), ctx, owner)


def _ending(obj: Object, ctx: Context) -> ObjectId | None:
    """The column with whose identity the sequence goes that the privileges are on."""
    id = _subject(obj)
    change = ctx.changes.get(id)
    if obj.id.target != "sequence" or change is None or not (change.before and change.after):
        return None
    return id if change.before["identity"] and not change.after["identity"] else None


def _once_owned(obj: Object) -> Work:
    """Grants follow the owner: a new one takes over what the old one held and granted.

    Who passes a right on has to reach the schema.
    """
    needs = set(obj.info.get("owners", ()))
    if obj["grants"] and obj.id.schema:
        needs.add(ObjectId("privileges", "", obj.id.schema, "", "schema"))
    return Work(needs=frozenset(needs))


def _subject(obj: Object) -> ObjectId:
    """What brings the subject of the fact about."""
    columns = [n for n in obj.info.get("needs", ()) if n.kind == "column"]
    return columns[0] if columns else obj.id.of


def owner_of(fact: ObjectId, first: Catalog, second: Catalog) -> str:
    """Who owns the subject of a fact, by the first of two catalogs that knows it."""
    if fact.target == "column" or (fact.target == "sequence" and fact.parent):
        kinds = ("table", "view", "materialized_view", "foreign_table")
        ids = [ObjectId("owner", fact.schema, fact.parent, "", kind) for kind in kinds]
    else:
        ids = [ObjectId("owner", fact.schema, fact.name, fact.parent, fact.target)]
    found = next((o for id in ids if (o := first.get(id) or second.get(id))), None)
    return str(found["role"]) if found else first.user


def born(fact: ObjectId, ctx: Context) -> Access:
    """What an object is created with: what is built in, and the role's default privileges."""
    if fact.target == "column":
        return Access()
    found = acl.builtin(fact.target)
    on = DEFAULTS.get(acl.class_of(fact.target))
    if on is None:
        return found
    general = _by_default("", fact, on, ctx)
    if general is not None:
        found = acl.access_of(general)
    special = _by_default(fact.schema, fact, on, ctx) if fact.schema else None
    return found.plus(acl.access_of(special)) if special is not None else found


def _by_default(schema: str, fact: ObjectId, on: str, ctx: Context) -> Object | None:
    """The default privileges that are in force when an object is created.

    They change after all that is made and before anything goes, which comes back under the new.
    """
    id = default_id(schema, ctx.target.user, on)
    obj, changed = ctx.after.get(fact), ctx.whole.get(id)
    subject = ctx.changes.get(_subject(obj) if obj else fact.of)
    if ctx.backward and subject is not None and subject.before is None and changed is not None:
        return changed.before
    return ctx.target.get(id)


def _transition(
    fact: ObjectId, before: Access, after: Access, ctx: Context, owner: str = ""
) -> Work:
    """From one access list to another; the owner is by then what it is to be, or the one given."""
    owner = owner or owner_of(fact, ctx.after, ctx.before)
    before, after = before.merged(owner), after.merged(owner)
    done = changed(before, after, _on(fact, ctx), owner, ctx)
    return done.then(_columns_again(fact, before, after, ctx))


def _on(fact: ObjectId, ctx: Context) -> tuple[str, str]:
    """What stands after the privileges in GRANT: columns, and ``ON …``."""
    if fact.target == "column":
        return render(" ({})", ident(fact.name)), render("ON TABLE {}", relation(fact))
    if fact.target == "foreign_data_wrapper":
        return "", render("ON FOREIGN DATA WRAPPER {}", ident(fact.name))
    if fact.target == "server":
        return "", render("ON FOREIGN SERVER {}", ident(fact.name))
    word = _WORDS[acl.class_of(fact.target)]
    obj = ctx.after.get(fact.of) or ctx.before.get(fact.of)
    if word == "ROUTINE" and obj is not None:
        proname = obj.get("proname")
        types = fact.name[len(proname) :]
        return "", render("ON ROUTINE {}{}", ident(fact.schema, proname), raw(types))
    return "", render("ON {} {}", word, name(fact))


def changed(
    before: Access, after: Access, on: tuple[str, str], owner: str, ctx: Context, prefix: str = ""
) -> Work:
    """GRANT and REVOKE statements that make the one access list the other.

    Args:
        before, after: what stands, what is wanted.
        on: columns, and ``ON …``.
        owner: the role that owns the object.
        prefix: what stands before GRANT and REVOKE.
    """
    standing, wanted = before.holders, after.holders
    if standing == wanted and sorted(before.grants) == sorted(after.grants):
        return Work()
    # What others than the owner have granted goes with the right that they had to grant it.
    again = bool(before.grants or after.grants)
    kept = _in_place(list(standing), list(wanted))
    revoked: list[str] = []
    granted: dict[acl.Key, list[str]] = {}
    passing = {r for g in after.grants for r in (g.grantor, acl.role_of(g.holder)) if r}
    if absent := sorted(passing - ctx.before.roles):
        return Work(refusal=lacking(absent[0]))
    for holder in dict.fromkeys((*wanted, *standing)):
        old, new = _known(standing.get(holder, ()), ctx), _known(wanted.get(holder, ()), ctx)
        role = acl.role_of(holder)
        if role is not None and old != new and new and role not in ctx.before.roles:
            return Work(refusal=lacking(role))
        whom = _whom(holder, owner)
        # What PostgreSQL lists behind others has to be granted after them.
        everything = (again and holder != acl.OWNER) or holder not in kept
        if old != new or everything:
            where = (prefix, *on, whom)
            revoked += _revoked(old, new, where, everything=everything, cascade=again)
            granted[holder] = _granted(() if everything else old, new, where)
    for grant in after.grants:
        where = (prefix, *on, _whom(grant.holder, owner))
        passed = _granted((), _known(grant.privileges, ctx), where)
        start = render("SET ROLE {}", ident(grant.grantor))
        granted[grant.key] = [start, *passed, "RESET ROLE"]
    return work(*revoked, *(s for key in _sequence(after, granted) for s in granted[key]))


def _whom(holder: str, owner: str) -> str:
    """A holder as GRANT and REVOKE name it."""
    if holder == acl.PUBLIC:
        return "PUBLIC"
    role = acl.role_of(holder)
    return ident(owner if role is None else role).as_string(None)


def _sequence(access: Access, keys: Iterable[acl.Key]) -> list[acl.Key]:
    """The order of grants: as PostgreSQL lists them, but none before its grantor may grant."""
    given = list(keys)
    todo = [k for k in dict.fromkeys((*access.order, *given)) if k in given]
    options = dict(access.holders) | {g.key: g.privileges for g in access.grants}
    done: list[acl.Key] = []

    def ready(key: acl.Key) -> bool:
        if isinstance(key, str):
            return True
        stars = {p for k in done if _holder(k) == acl.role(key[0]) for p in options.get(k, ())}
        return all(p.rstrip("*") + "*" in stars for p in options.get(key, ()))

    while todo:
        key = next(filter(ready, todo), todo[0])
        todo.remove(key)
        done.append(key)
    return done


def _holder(key: acl.Key) -> str:
    return key if isinstance(key, str) else key[1]


def _in_place(standing: list[str], wanted: list[str]) -> set[str]:
    """The holders that may stay where they stand: the others are granted behind them, in order."""
    kept: list[str] = []
    rest = iter(standing)
    for holder in wanted:
        if holder not in rest:
            break
        kept.append(holder)
    return {*kept, *(h for h in standing if h not in wanted)}


_Where = tuple[str, str, str, str]


def _revoked(
    old: tuple[str, ...],
    new: tuple[str, ...],
    where: _Where,
    *,
    everything: bool,
    cascade: bool,
) -> list[str]:
    lost = [p.rstrip("*") for p in old] if everything else _lost(old, new)
    kept_back = [p for p in new if not p.endswith("*") and p + "*" in old]
    done = _statement("REVOKE {} {} FROM {}" + " CASCADE" * cascade, lost, where)
    if not everything:
        form = "REVOKE GRANT OPTION FOR {} {} FROM {} CASCADE"
        done += _statement(form, kept_back, where)
    return done


def _granted(old: tuple[str, ...], new: tuple[str, ...], where: _Where) -> list[str]:
    plain = [p for p in new if not p.endswith("*") and p not in old and p + "*" not in old]
    passing = [p[:-1] for p in new if p.endswith("*") and p not in old]
    return [
        *_statement("GRANT {} {} TO {}", plain, where),
        *_statement("GRANT {} {} TO {} WITH GRANT OPTION", passing, where),
    ]


def _statement(form: str, privileges: list[str], where: _Where) -> list[str]:
    prefix, columns, place, whom = where
    listed = comma([p + columns for p in privileges])
    return [prefix + render(form, listed, place, whom)] if privileges else []


def _known(held: tuple[str, ...], ctx: Context) -> tuple[str, ...]:
    if ctx.before.major >= acl.MAINTAIN_SINCE:
        return held
    return tuple(p for p in held if p.rstrip("*") != acl.MAINTAIN)


def _lost(old: tuple[str, ...], new: tuple[str, ...]) -> list[str]:
    """What is to be revoked altogether."""
    kept = {p.rstrip("*") for p in new}
    return [p.rstrip("*") for p in old if p.rstrip("*") not in kept]


def _columns_again(fact: ObjectId, before: Access, after: Access, ctx: Context) -> Work:
    """What is revoked on a table is revoked on its columns too: they are granted it again."""
    if acl.class_of(fact.target) != "table":
        return Work()
    lost = {h: _lost(held, after.holders.get(h, ())) for h, held in before.holders.items()}
    if before.grants or after.grants:
        lost = {h: [p.rstrip("*") for p in held] for h, held in before.holders.items()}
    done = Work()
    for column in ctx.of("privileges", fact) if any(lost.values()) else ():
        access = acl.access_of(column)
        again = access if access.grants else access.only(lost)
        if column.id.target == "column" and again.holders:
            place = _on(column.id, ctx)
            done = done.then(
                changed(Access(), again, place, owner_of(column.id, ctx.after, ctx.before), ctx)
            )
    return done


def _plain(fact: Object) -> bool:
    """Whether nobody has touched the privileges of a language."""
    return acl.access_of(fact).holders == acl.builtin("language").holders


class DefaultPrivilegesKind(Kind):
    """``ALTER DEFAULT PRIVILEGES``: after all that the run creates, which they must not touch."""

    name = "default_privileges"
    stage = Stage.ACCESS
    label = "default grants"
    source = "default_privileges"
    classid = 826
    rank = 1

    def read(self, row: Row) -> Iterator[tuple[Object, Address | None]]:
        access = acl.parse(row["acl"], row["role"])
        attrs = {"role": row["role"], "on": row["on"], **access.attrs}
        if row["on"] != "TABLES":
            del attrs["maintain"]
        id = default_id(row["schema"], row["role"], row["on"])
        group = next((c for c, on in DEFAULTS.items() if on == row["on"]), "large object")
        needs = (ObjectId("schema", "", row["schema"]),)
        info = {"needs": needs, "order": access.order, "class": group}
        yield Object(id, attrs, info), (self.classid, row["oid"], 0)

    def create(self, obj: Object, ctx: Context) -> Work:
        return self._change(obj, self._builtin(obj), acl.access_of(obj), ctx)

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        return self._change(after, acl.access_of(before), acl.access_of(after), ctx)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return self._change(obj, acl.access_of(obj), self._builtin(obj), ctx)

    def _builtin(self, obj: Object) -> Access:
        return Access() if obj.id.schema else acl.builtin(obj.get("class"))

    def _change(self, obj: Object, before: Access, after: Access, ctx: Context) -> Work:
        role = obj["role"]
        if role not in ctx.before.roles:
            return Work(refusal=lacking(role))
        place = render(" IN SCHEMA {}", ident(obj.id.schema)) if obj.id.schema else ""
        prefix = render("ALTER DEFAULT PRIVILEGES FOR ROLE {}{} ", ident(role), place)
        return changed(before, after, ("", f"ON {obj['on']}"), role, ctx, prefix)
