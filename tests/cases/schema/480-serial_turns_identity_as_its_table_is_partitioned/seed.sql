insert into ev (at, kind) values ('2020-01-01', 'a'), ('2024-05-05', 'b');
