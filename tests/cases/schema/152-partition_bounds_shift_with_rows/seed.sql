insert into p select n, 'v' || n from generate_series(0, 150) n;
