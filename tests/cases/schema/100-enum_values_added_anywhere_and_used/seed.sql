insert into t values (1, 'm'), (2, null)
