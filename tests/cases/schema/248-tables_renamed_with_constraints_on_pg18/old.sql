create table tasks (code text not null, word text not null);
