UPDATE entries SET note = 'late' WHERE id % 50 = 0;
UPDATE accounts SET id = id + 10000 WHERE id NOT IN (SELECT account FROM entries);
DELETE FROM entries WHERE id % 100 = 1;
