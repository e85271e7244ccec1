create table item (id int primary key, scope int not null, name text not null, code int not null,
  constraint item_a unique (scope, id), constraint item_b unique (name), constraint item_c unique (code, scope));
create table part (id int primary key, scope int, item int, label text, code int,
  constraint part_item foreign key (scope, item) references item (scope, id) on delete cascade,
  constraint part_label foreign key (label) references item (name),
  constraint part_code foreign key (code, scope) references item (code, scope));
create table self (id int constraint self_x primary key, up int references self, other int constraint self_y unique);
