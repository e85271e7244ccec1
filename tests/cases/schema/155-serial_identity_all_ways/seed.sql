insert into a(v) select 1 from generate_series(1, 5); insert into b default values; insert into c values (7), (9); insert into e default values;
