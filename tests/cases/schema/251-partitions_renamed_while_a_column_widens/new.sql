create table pay (id int, clerk int, at date not null) partition by range (at);
create table pay_c partition of pay for values from ('2001-01-01') to ('2001-02-01');
create table pay_d partition of pay for values from ('2001-02-01') to ('2001-03-01');
create index pay_clerk_idx on pay (clerk);
create index pay_c_at on pay_c (at);
