INSERT INTO spans VALUES (1, '1'), (1, '2');
INSERT INTO own VALUES (1, '1', 'n');
