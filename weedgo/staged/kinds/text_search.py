"""Text search: parsers, templates, dictionaries and configurations."""

from __future__ import annotations

import re
from typing import ClassVar

from weedgo.staged.kinds.base import Context, Kind, comma, ident, name, raw, render, work
from weedgo.staged.model import Object, Stage, Work

# As PostgreSQL keeps them: name = 'value', with quotes doubled.
_OPTION = re.compile(r"""("(?:[^"]|"")+"|\w+) = (E?'(?:[^']|'')*')""")


class _OfFunctions(Kind):
    """What is nothing but the functions that it names."""

    stage = Stage.PREREQUISITES
    label = "text search"
    words: ClassVar[str]
    functions: ClassVar[tuple[str, ...]]

    def create(self, obj: Object, ctx: Context) -> Work:
        parts = [f"{word.upper()} = {obj[word]}" for word in self.functions if obj[word]]
        return work(render("CREATE {} {} ({})", self.words, name(obj.id), raw(comma(parts))))

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("DROP {} {}", self.words, name(obj.id)))


class TextSearchParserKind(_OfFunctions):
    """``CREATE TEXT SEARCH PARSER``."""

    name = "text_search_parser"
    source = "text_search_parser"
    classid = 3601
    words = "TEXT SEARCH PARSER"
    functions = ("start", "gettoken", "end", "headline", "lextypes")


class TextSearchTemplateKind(_OfFunctions):
    """``CREATE TEXT SEARCH TEMPLATE``."""

    name = "text_search_template"
    source = "text_search_template"
    classid = 3764
    words = "TEXT SEARCH TEMPLATE"
    functions = ("init", "lexize")


class TextSearchDictionaryKind(Kind):
    """``CREATE TEXT SEARCH DICTIONARY``."""

    name = "text_search_dictionary"
    stage = Stage.PREREQUISITES
    label = "text search"
    source = "text_search_dictionary"
    classid = 3600

    def create(self, obj: Object, ctx: Context) -> Work:
        options = f", {obj['options']}" if obj["options"] else ""
        text = "CREATE TEXT SEARCH DICTIONARY {} (TEMPLATE = {}{})"
        return work(render(text, name(obj.id), obj["template"], raw(options)))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if before["template"] != after["template"]:
            return Work(replace=True)
        old, new = (dict(_OPTION.findall(o["options"])) for o in (before, after))
        parts = [option for option in old if option not in new]
        parts += [f"{option} = {value}" for option, value in new.items()]
        text = "ALTER TEXT SEARCH DICTIONARY {} ({})"
        return work(render(text, name(after.id), raw(comma(parts))))

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("DROP TEXT SEARCH DICTIONARY {}", name(obj.id)))


class TextSearchConfigurationKind(Kind):
    """``CREATE TEXT SEARCH CONFIGURATION``, and which dictionaries its tokens go to."""

    name = "text_search_configuration"
    stage = Stage.PREREQUISITES
    label = "text search"
    source = "text_search_configuration"
    classid = 3602

    def create(self, obj: Object, ctx: Context) -> Work:
        text = "CREATE TEXT SEARCH CONFIGURATION {} (PARSER = {})"
        done = work(render(text, name(obj.id), obj["parser"]))
        return done.then(self._map(obj, {}, obj["mappings"]))

    def alter(self, before: Object, after: Object, ctx: Context) -> Work:
        if before["parser"] != after["parser"]:
            return Work(replace=True)
        return self._map(after, before["mappings"], after["mappings"])

    def _map(self, obj: Object, old: dict[str, list[str]], new: dict[str, list[str]]) -> Work:
        texts = []
        for token in sorted(old.keys() | new.keys()):
            if old.get(token) == new.get(token):
                continue
            if token not in new:
                action = render("DROP MAPPING FOR {}", ident(token))
            else:
                verb = "ALTER" if token in old else "ADD"
                listed = comma(new[token])
                action = render("{} MAPPING FOR {} WITH {}", verb, ident(token), raw(listed))
            text = "ALTER TEXT SEARCH CONFIGURATION {} {}"
            texts.append(render(text, name(obj.id), raw(action)))
        return work(*texts)

    def drop(self, obj: Object, ctx: Context) -> Work:
        return work(render("DROP TEXT SEARCH CONFIGURATION {}", name(obj.id)))
