"""The source as the target is to have it: what was asked for, by the target's names of roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from weedgo.staged.kinds import acl
from weedgo.staged.model import Catalog, Object, ObjectId, Options, StagedError
from weedgo.staged.rows import replaced

_PRIVILEGES = ("privileges", "member_privileges", "default_privileges")


def everything(options: Options) -> bool:
    """Whether the options ask for all objects."""
    return options.owners and options.privileges and not (options.schemas or options.excludes)


def asked(obj: Object, options: Options) -> bool:
    """Whether the options ask for an object."""
    kind = obj.id.kind
    if (kind == "owner" and not options.owners) or (kind in _PRIVILEGES and not options.privileges):
        return False
    if not options.schemas and not options.excludes:
        return True
    if options.schemas and not _named(obj, options):
        return False
    return not any(fnmatchcase(n, p) for p in options.excludes for n in _names(obj))


def check(options: Options, *catalogs: Catalog) -> None:
    """See that there is anything that is asked for: a misspelt schema must not look done.

    Raises:
        StagedError: the patterns match no object of the catalogs.
    """
    if not options.schemas or any(_named(o, options) for c in catalogs for o in c):
        return
    there = sorted({o.id.schema for c in catalogs for o in c if o.id.schema})
    raise StagedError(
        f"--schema {', '.join(options.schemas)} matches nothing in source or target; there are the "
        f"schemas {', '.join(there[:10]) or 'none'}"
    )


def _named(obj: Object, options: Options) -> bool:
    return any(fnmatchcase(n, p) for p in options.schemas for n in _names(obj))


def _names(obj: Object) -> tuple[str, ...]:
    """What patterns are matched with: the schema, the relation, the object."""
    id = obj.id
    schema = id.schema or (id.name if "schema" in (id.kind, id.target) else "")
    relation = id.parent or obj.attrs.get("table") or id.name
    return (schema, f"{schema}.{relation}", id.path)


def adapted(source: Catalog, target: Catalog, options: Options) -> Catalog:
    """The source with what is not asked for as the target has it, and roles by the target's names.

    Whatever has to be replaced is put back as this says: what was not asked for stays as it was.

    Args:
        source: what is wanted.
        target: what stands.
        options: patterns, owners, privileges and the role map.
    """
    ids: dict[ObjectId, ObjectId] = {}
    objects = source.objects
    if options.role_map or not everything(options):
        objects = _chosen(source, target, options, ids)
    owned = {}
    for id in objects:
        if id.kind == "privileges":
            fact = objects[id]
            if (merged := _by_owner(fact, objects, target)) is not fact:
                owned[id] = merged
    return replace(
        source,
        objects=replaced(objects, owned) if owned else objects,
        relate=lambda: _related(source.needs, ids),
        user=target.user,
        roles=target.roles,
    )


def _chosen(
    source: Catalog, target: Catalog, options: Options, ids: dict[ObjectId, ObjectId]
) -> dict[ObjectId, Object]:
    """What is asked for by the target's names, the rest as it stands; new ids are noted."""
    objects: dict[ObjectId, Object] = {}
    for obj in source:
        if asked(obj, options):
            mapped = _mapped(obj, options.role_map)
            objects[mapped.id] = mapped
            if mapped.id != obj.id:
                ids[obj.id] = mapped.id
        elif (standing := target.get(obj.id)) is not None:
            objects[obj.id] = standing
    return objects


def _related(
    needs: Mapping[ObjectId, frozenset[ObjectId]], ids: Mapping[ObjectId, ObjectId]
) -> Mapping[ObjectId, frozenset[ObjectId]]:
    if not ids:
        return needs
    return {
        ids.get(id, id): frozenset(ids.get(need, need) for need in found)
        for id, found in needs.items()
    }


def _mapped(obj: Object, roles: Mapping[str, str]) -> Object:
    """The object with its roles named as the target names them."""
    if not roles:
        return obj
    kind, attrs = obj.id.kind, dict(obj.attrs)
    if kind in ("owner", "default_privileges"):
        attrs["role"] = roles.get(attrs["role"], attrs["role"])
    if kind == "policy":
        attrs["roles"] = sorted(roles.get(role, role) for role in attrs["roles"])
    if kind in _PRIVILEGES:
        attrs = _granted(obj, roles, attrs)
    if kind == "default_privileges":
        id = obj.id._replace(name=f"{attrs['role']} {attrs['on'].lower()}")
    elif kind == "user_mapping":
        id = obj.id._replace(name=roles.get(obj.id.name, obj.id.name))
    else:
        id = obj.id
    return replace(obj, id=id, attrs=attrs)


def _granted(obj: Object, roles: Mapping[str, str], attrs: dict[str, object]) -> dict[str, object]:
    """Grants by the names of the target's roles; two of the source's can become one."""
    renamed = acl.access_of(obj).renamed(roles)
    return attrs | {k: v for k, v in renamed.attrs.items() if k in attrs}


def _by_owner(fact: Object, objects: Mapping[ObjectId, Object], target: Catalog) -> Object:
    """What the target's owner of an object holds as another in the source is the owner's anyway."""
    if not fact["roles"] and not fact["grants"]:
        return fact
    owners = fact.info.get("owners", ())
    role = next((objects[o]["role"] for o in _known(owners, objects)), target.user)
    if role not in fact["roles"] and not any(role in g[0] or role in g[1] for g in fact["grants"]):
        return fact
    merged = acl.access_of(fact).merged(role).attrs
    return replace(fact, attrs={k: v for k, v in merged.items() if k in fact.attrs})


def _known(ids: Iterable[ObjectId], objects: Mapping[ObjectId, Object]) -> Iterable[ObjectId]:
    return (id for id in ids if id in objects)
