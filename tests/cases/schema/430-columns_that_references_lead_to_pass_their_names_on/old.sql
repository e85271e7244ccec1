create domain ident as text check (length(value) < 40);
create table m_parent(s int constraint m_parent_s_not_null not null, id int primary key, unique(s, id));
create table a_child(s int constraint a_child_s_not_null not null, id int primary key, k text, constraint fk foreign key (s, id) references m_parent(s, id));
create table z_child(s int constraint z_child_s_not_null not null, id int primary key, k text, constraint fk foreign key (s, id) references m_parent(s, id));
create table b_child(s int constraint b_child_s_not_null not null, id int primary key, k text, constraint fk foreign key (s, id) references m_parent(s, id));
create view v as select p.s, a.id, z.k, a.k as k2, b.k as k3, b.s as c2, a.s as c3, z.s as c4 from m_parent p join a_child a using (id) join z_child z using (id) join b_child b using (id);
create view w as select id, k3 from v;
