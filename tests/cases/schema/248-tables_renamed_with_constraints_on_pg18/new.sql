create table tasks (code text not null, word text not null);
alter table tasks rename to tasks_of_old;
create table doings (number int not null);
alter table doings rename to tasks;
alter table tasks_of_old drop column word;
alter table tasks add column word text not null default 'x';
