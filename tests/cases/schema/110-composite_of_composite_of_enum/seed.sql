insert into t values (1, row(row('a', 1), array[row('c', 2)::inner_t])::outer_t, null)
