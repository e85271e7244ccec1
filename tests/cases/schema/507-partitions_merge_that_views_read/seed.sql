insert into ev values (1,'2023-01-02','a'),(2,'2025-01-02','b');
