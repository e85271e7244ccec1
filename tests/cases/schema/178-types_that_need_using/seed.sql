insert into t values ('1', '2020-01-01', 'a', 'b', 5, 'true', '{1}', '{}', 'abc', '2020-01-01', 1.5, true, 'x', 'b', 7, '1.1.1.1', null);
