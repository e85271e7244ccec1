insert into t(c) values (1); insert into dt values (1);
