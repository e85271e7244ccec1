insert into t values (1, 'c', '{a,c}'), (2, 'a', '{}')
