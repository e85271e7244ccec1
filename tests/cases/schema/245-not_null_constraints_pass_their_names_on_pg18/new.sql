create table logins (id text not null, place text, since int constraint known not null);
alter table logins rename column id to provider;
alter table logins add column id int not null default 0;
