insert into logs values (1,'2024-02-02','a','{}',7),(2,'2025-02-02','b',null,3),(3,'2030-02-02','b',null,3);
insert into logg values (1,'2024-02-02','a',1),(2,'2029-02-02','q',2);
