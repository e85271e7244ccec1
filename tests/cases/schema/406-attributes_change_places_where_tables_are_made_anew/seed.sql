insert into t values (1,row('A','B'));
insert into dep values (row('A','B'));
insert into many values (1, array[row('A','B'), null, row(null,null)]::co[], row('A','B')), (2, '{}', null), (3, null, row(null,null));
insert into typed values ('A', 'B');
insert into domains values (1, row('A','B'), array[row('A','B')::co]);
