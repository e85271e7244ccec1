insert into t values (1,'a',3),(2,'b',null);
