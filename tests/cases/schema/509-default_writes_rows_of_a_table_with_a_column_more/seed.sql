insert into uses (id) values (1);
