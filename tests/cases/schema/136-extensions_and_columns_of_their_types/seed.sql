insert into t values (1, 'x', 'a=>2')
