create table colours (id int primary key, word text);
create table paints (
    id int primary key,
    colour int references colours (id),
    grade int constraint graded check (grade > 0),
    code int constraint coded unique
);
create index paints_colour on paints (colour);
