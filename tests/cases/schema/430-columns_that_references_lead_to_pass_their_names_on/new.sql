create domain ident as text check (length(value) < 40);
create table m_parent(j int constraint m_parent_s_not_null not null, id int primary key, unique(j, id));
create table a_child(j int constraint a_child_s_not_null not null, id int primary key, k ident, constraint fk foreign key (j, id) references m_parent(j, id));
create table z_child(j int constraint z_child_s_not_null not null, id int primary key, k ident, constraint fk foreign key (j, id) references m_parent(j, id));
create table b_child(j int constraint b_child_s_not_null not null, id int primary key, k ident, constraint fk foreign key (j, id) references m_parent(j, id));
create view v as select p.j, a.id, z.k, a.k as k2, b.k as k3, b.j as c2, a.j as c3, z.j as c4 from m_parent p join a_child a using (id) join z_child z using (id) join b_child b using (id);
create view w as select id, k3 from v;
