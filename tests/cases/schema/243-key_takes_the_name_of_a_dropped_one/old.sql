create table edits (id int not null, place int);
alter table edits add constraint edits_pkey1 primary key (id);
create table edits_of_old (id int not null, place int);
alter table edits_of_old add constraint edits_pkey primary key (id);
create table marks (edit int references edits (id), word text);
create table stays (edit int references edits (id), word text);
