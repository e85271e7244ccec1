insert into m values (1,'2024-02-02','a'),(2,'2024-03-03','b'),(3,'2025-03-03','b');
insert into t values (1, 'a'), (2, 'b'); insert into r values (1, 1);
