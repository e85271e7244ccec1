insert into p values (1); insert into t values (1,2); insert into u values (1,2); insert into uk values (3,4);
