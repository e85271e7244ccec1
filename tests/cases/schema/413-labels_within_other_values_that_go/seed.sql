insert into u values (row('b'));
insert into w values ('b', array[row('b')::ct]);
