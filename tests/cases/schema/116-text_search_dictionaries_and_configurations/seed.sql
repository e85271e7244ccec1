insert into t values (1, 'hello world')
