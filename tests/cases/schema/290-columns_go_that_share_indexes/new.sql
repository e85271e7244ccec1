create table post (id int primary key, community int not null);
create index post_community on post (community);
