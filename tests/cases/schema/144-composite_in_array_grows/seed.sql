insert into t values (1, array[row(1)::ct])
