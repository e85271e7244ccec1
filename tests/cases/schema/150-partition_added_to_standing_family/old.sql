create table ref(id int primary key);
create table p(id int not null, k int not null, v text, r int references ref, constraint p_v_check check (v <> ''), constraint p_key primary key (id, k)) partition by range(k);
create index p_v on p(v);
create function tf() returns trigger language plpgsql as 'begin return new; end';
create trigger tr before insert on p for each row execute function tf();
create table p1 partition of p for values from (0) to (10);
