create table edits (id int not null, place int);
alter table edits add constraint edits_pkey primary key (id);
create table stays (edit int references edits (id), word text);
