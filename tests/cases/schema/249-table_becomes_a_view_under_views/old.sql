create table marks (id int, word text);
create view shown as select id, word from marks;
create view same as select id from marks;
create view over_shown as select id from shown;
comment on view shown is 'what is seen';
