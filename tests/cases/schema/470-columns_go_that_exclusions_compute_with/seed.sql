insert into t values (1, 2, 1, 5, '[1,3)', 'x');
