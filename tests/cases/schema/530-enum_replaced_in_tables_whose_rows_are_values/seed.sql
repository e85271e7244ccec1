insert into t values (1, 'a', '{a,b}');
insert into t2 values (2, 'b', '{}', 'one');
insert into h select 1, t, array[t] from only t t;
insert into k select row(t, 7)::pair, t::checked from only t t;
insert into m select t2 from t2;
