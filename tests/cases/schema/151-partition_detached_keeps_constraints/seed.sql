insert into ref values (1); insert into p select n, 'v' || n, 1 from generate_series(0, 19) n;
