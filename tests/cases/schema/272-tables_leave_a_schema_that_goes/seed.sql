insert into a.t values (1); insert into "B b"."T.t" values (1,2); insert into a.u values (4);
