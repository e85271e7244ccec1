create schema "S""x.%s";
create type "S""x.%s"."E ""n{}" as enum ('%', 'it''s', '\', 'a b', '{');
create table "S""x.%s"."T {}" ("C %s" "S""x.%s"."E ""n{}" default 'it''s', "d""d" "S""x.%s"."E ""n{}"[] default '{a b}');
create domain "S""x.%s"."D %" as "S""x.%s"."E ""n{}" constraint "c %s{}" check (value <> '{');
