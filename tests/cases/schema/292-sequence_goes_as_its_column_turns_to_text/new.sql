create table jwk (pk text primary key, body text);
create table event (id varchar(40), body text);
create table mixed (n text, body text);
