insert into known values ('a'); insert into t values (1, 'a')
