insert into t(id,n) values (1,1),(2,200);
insert into t(id,n) values (300,1),(400,200);
