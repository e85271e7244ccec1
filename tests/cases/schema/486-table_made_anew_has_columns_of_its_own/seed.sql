insert into t (id,a) values (1,'a'),(200,'b');
insert into u values ('y','{z}');
