create table p(id int not null primary key, v text, g int generated always as identity) partition by range(id);
create table p12 partition of p for values from (0) to (20);
create table c(pid int references p);
