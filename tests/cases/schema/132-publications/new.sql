create schema s; create table t (id bigint primary key, a text, b int); create table "pub t" (id int primary key); create table s.u (id int primary key);
create publication every for table t with (publish = 'insert');
create publication "pub t" for table t (b, id) where (id > 1 and b is null), s.u with (publish_via_partition_root);
create publication sch for tables in schema s, public with (publish = 'update, delete');
create publication "new p" for table "pub t"; comment on publication "new p" is 'n'; alter publication "new p" owner to current_user;
