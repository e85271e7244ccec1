create table addr (street text, zip varchar(10), country text);
create table person (id int primary key, home addr, past addr[], check ((home).country is null));
create index person_zip on person (((home).zip));
create view pv as select id, (home).zip, (home).country from person;
