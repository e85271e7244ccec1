insert into t values (1), (2); insert into p values (1, 't'), (2, 'u');
