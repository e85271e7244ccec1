create table crews (id text primary key);
create table ships (id text primary key);
create table seats (sailor text not null, crew text not null, primary key (sailor, crew));
alter table seats rename column crew to ship;
alter table seats add constraint seats_ship_fkey foreign key (ship) references ships;
create index seats_ship_idx on seats (ship);
comment on constraint seats_pkey on seats is 'one seat each';
create table bills (sailor text, berth text, foreign key (sailor, berth) references seats);
