-- A foreign key leads to another table as the partitioned one that it led to goes.
CREATE TABLE depot (town text, number int, PRIMARY KEY (town, number)) PARTITION BY LIST (town);
CREATE TABLE depot_rest PARTITION OF depot DEFAULT;
CREATE TABLE parcel (id int PRIMARY KEY, town text, number int,
    CONSTRAINT parcel_depot FOREIGN KEY (town, number) REFERENCES depot (town, number));
