-- Two tables are made anew, each of which has a foreign key to the other.
CREATE TABLE crew (ship text, number int, UNIQUE (ship, number)) PARTITION BY LIST (ship);
CREATE TABLE crew_rest PARTITION OF crew DEFAULT;
CREATE TABLE watch (ship text, number int, UNIQUE (ship, number)) PARTITION BY LIST (ship);
CREATE TABLE watch_rest PARTITION OF watch DEFAULT;
ALTER TABLE watch ADD CONSTRAINT watch_crew FOREIGN KEY (ship, number) REFERENCES crew (ship, number);
ALTER TABLE crew ADD CONSTRAINT crew_watch FOREIGN KEY (ship, number) REFERENCES watch (ship, number)
    DEFERRABLE INITIALLY DEFERRED;
