insert into t values (row('a','a'),'a','{a,c}'); insert into u values ('a','c'); insert into "日本語日本語日本語日本語日本語日本語日本語" values (5);
