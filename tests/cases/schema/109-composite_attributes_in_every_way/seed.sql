insert into t values (1, row(1, 'x', '2020-01-01')::ct, array[row(5)::other]), (2, null, null), (3, row(null, null, null)::ct, '{}')
