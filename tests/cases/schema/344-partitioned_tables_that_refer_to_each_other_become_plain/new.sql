CREATE TABLE crew (ship text, number int, UNIQUE (ship, number));
CREATE TABLE watch (ship text, number int, UNIQUE (ship, number));
ALTER TABLE watch ADD CONSTRAINT watch_crew FOREIGN KEY (ship, number) REFERENCES crew (ship, number);
ALTER TABLE crew ADD CONSTRAINT crew_watch FOREIGN KEY (ship, number) REFERENCES watch (ship, number)
    DEFERRABLE INITIALLY DEFERRED;
