create table u (id int generated always as identity primary key);
