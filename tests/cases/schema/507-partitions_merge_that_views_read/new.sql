create table ev (id int, at date, k text);
