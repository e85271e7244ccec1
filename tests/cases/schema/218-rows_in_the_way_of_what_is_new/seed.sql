insert into t values (1, -1, 'bad', '{good,bad}', '[1,5)'), (2, null, 'good', '{}', '[3,7)');
insert into r values (1, null);
