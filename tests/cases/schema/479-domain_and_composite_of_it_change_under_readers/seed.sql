insert into "A-1"."User" values (1, row('s', 'a@b'), array[row('t', 'c@d')::"A-1".addr], '{x@y}');
