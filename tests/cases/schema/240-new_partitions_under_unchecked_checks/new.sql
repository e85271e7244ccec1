create table shipped (on_day int not null, weight int) partition by range (on_day);
create table shipped_1 partition of shipped for values from (0) to (10);
create table shipped_2 partition of shipped for values from (10) to (20);
alter table shipped add constraint heavy check (weight > 0) not valid;

create table returned (on_day int not null, cause text) partition by range (on_day);
create table returned_1 partition of returned for values from (0) to (10);
create table returned_2 partition of returned for values from (10) to (20) partition by list (cause);
create table returned_2_broken partition of returned_2 for values in ('broken');
alter table returned add constraint known check (cause <> '') not valid;
