create table pay (id int, clerk smallint, at date not null) partition by range (at);
create table pay_a partition of pay for values from ('2001-01-01') to ('2001-02-01');
create table pay_b partition of pay for values from ('2001-02-01') to ('2001-03-01');
create index pay_clerk_idx on pay (clerk);
create index pay_a_at on pay_a (at);
