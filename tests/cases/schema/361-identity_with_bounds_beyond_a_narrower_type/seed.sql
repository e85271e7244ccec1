INSERT INTO counter (label) VALUES ('a'), ('b');
INSERT INTO down (label) VALUES ('a'), ('b');
INSERT INTO plain (label) VALUES ('a');
