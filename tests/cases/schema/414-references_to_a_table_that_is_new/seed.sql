insert into old_kind values (1);
insert into t values (1,1),(2,null);
