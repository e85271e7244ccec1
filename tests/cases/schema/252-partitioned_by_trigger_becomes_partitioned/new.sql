create table pay (id int not null, clerk int, at date not null) partition by range (at);
create table pay_past partition of pay for values from (minvalue) to ('2001-01-01');
create table pay_now partition of pay for values from ('2001-01-01') to (maxvalue);
create view takings as select clerk, count(*) as n from pay group by clerk;
