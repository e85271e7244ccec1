insert into t values (1,1); insert into u values (1,1);
