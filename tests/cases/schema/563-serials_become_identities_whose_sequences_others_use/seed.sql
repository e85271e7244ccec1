insert into par default values; insert into par default values; insert into kid (p) values (1); insert into kid2 (id, p) values (9,2);
