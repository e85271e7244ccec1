insert into t values (1, 'a', 2.50);
refresh materialized view m;
insert into holds values (1, row(1, 'it''s "a"')::v, row(2, null, 2.50)::m), (2, null, row(3, '', null)::m);
