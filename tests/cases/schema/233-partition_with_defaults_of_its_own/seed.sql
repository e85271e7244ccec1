insert into m values (2,'2024-02-02','x');
