CREATE TABLE events (id bigint NOT NULL, region text NOT NULL) PARTITION BY LIST (region);
CREATE TABLE events_eu PARTITION OF events FOR VALUES IN ('eu');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
CREATE TABLE events_us PARTITION OF events FOR VALUES IN ('us');
CREATE TABLE kept (id int);
