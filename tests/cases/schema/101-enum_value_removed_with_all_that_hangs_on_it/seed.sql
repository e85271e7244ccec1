insert into "T t" (id, x, ys, dd, cc, ccs) values (1, 'a', '{a,b}', 'a', row('b', 1), array[row('a', 2)::c]), (12, 'b', null, null, null, null);
insert into ref values ('a', 1); insert into part values (1, 'b'); insert into child (id, x, more) values (50, 'a', 3)
