create table jwk (pk serial primary key, body text);
create table event (id bigserial, body text);
create table mixed (n smallserial not null, body text);
