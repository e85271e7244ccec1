insert into ref values (1); insert into t(r) values (1); insert into kid values (1);
