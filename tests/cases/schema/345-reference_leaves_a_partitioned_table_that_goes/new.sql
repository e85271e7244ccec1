CREATE SCHEMA goods;
CREATE TABLE goods.depot (town text, number int, PRIMARY KEY (town, number)) PARTITION BY LIST (town);
CREATE TABLE goods.depot_rest PARTITION OF goods.depot DEFAULT;
CREATE TABLE parcel (id int PRIMARY KEY, town text, number int,
    CONSTRAINT parcel_depot FOREIGN KEY (town, number) REFERENCES goods.depot (town, number));
