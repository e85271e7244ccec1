create table paints (
    id int primary key,
    colour varchar(20),
    grade text,
    code text
);
create index paints_colour on paints (colour);
