create table lines (id int, word text);
create view marks as select id, word from lines;
create view shown as select id, word || ''::text as word from marks;
create view same as select id from marks;
create view over_shown as select id from shown;
comment on view shown is 'what is seen';
