insert into t values ('[1,3)', 1, 'a'), ('[5,6)', 2, 'b');
