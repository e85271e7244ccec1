CREATE TABLE standing (id int NOT NULL, note text);
