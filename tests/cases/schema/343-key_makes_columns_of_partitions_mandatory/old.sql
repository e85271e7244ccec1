-- Columns are mandatory only while the whole has a key of them.
CREATE TABLE stock (shelf text, code int, amount int) PARTITION BY LIST (shelf);
CREATE TABLE stock_a PARTITION OF stock FOR VALUES IN ('a');
CREATE TABLE stock_b PARTITION OF stock FOR VALUES IN ('b') PARTITION BY RANGE (code);
CREATE TABLE stock_b_low PARTITION OF stock_b FOR VALUES FROM (0) TO (100);
