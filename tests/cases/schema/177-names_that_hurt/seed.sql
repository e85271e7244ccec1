insert into "S.1"."T ""q"" % {x}"("select", "Ünï") values ('a', 1);
