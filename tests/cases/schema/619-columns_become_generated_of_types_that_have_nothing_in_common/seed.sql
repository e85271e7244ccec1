insert into t values (1, null, null, null, null), (2, null, null, null, null);
