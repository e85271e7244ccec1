insert into t values ('x'); insert into u values (7)
