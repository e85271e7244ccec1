create table addr (street text, zip text);
create table person (id int primary key, home addr, past addr[]);
create index person_zip on person (((home).zip));
create view pv as select id, (home).zip from person;
