create table crews (id text primary key);
create table ships (id text primary key);
create table seats (sailor text not null, crew text not null, primary key (sailor, crew));
alter table seats add constraint seats_crew_fkey foreign key (crew) references crews;
create index seats_crew_idx on seats (crew);
comment on constraint seats_pkey on seats is 'one seat each';
create table bills (sailor text, berth text, foreign key (sailor, berth) references seats);
