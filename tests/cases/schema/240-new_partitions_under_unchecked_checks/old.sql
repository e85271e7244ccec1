create table shipped (on_day int not null, weight int, constraint heavy check (weight > 5))
    partition by range (on_day);
create table shipped_1 partition of shipped for values from (0) to (10);
