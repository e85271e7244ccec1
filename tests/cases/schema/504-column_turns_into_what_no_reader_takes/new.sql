create table acc (id int primary key, code int, flags boolean);
