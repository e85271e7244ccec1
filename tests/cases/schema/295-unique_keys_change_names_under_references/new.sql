create table item (id int primary key, scope int not null, name text not null, code int not null,
  constraint item_b unique (scope, id), constraint item_c unique (name), constraint item_a unique (code, scope, id));
create table part (id int primary key, scope int, item int, label text, code int,
  constraint part_label foreign key (scope, item) references item (scope, id) on delete cascade,
  constraint part_item foreign key (label) references item (name),
  constraint part_code foreign key (code, scope, item) references item (code, scope, id));
create table self (id int constraint self_y primary key, up int references self, other int constraint self_x unique);
