create table post (
  id int primary key, community int not null, published date default now() not null,
  comments int default 0, hot real default 0, active real default 0, score int, scaled real
);
create index post_hot on post (hot desc, published desc, id);
create index post_active on post (active desc, published desc, id);
create index post_nonzero on post (published) where hot <> 0 or active <> 0;
create index post_comments on post (community, comments desc, published desc);
create index post_score on post (score, scaled);
create unique index post_scaled on post (scaled, published, comments);
alter table post add constraint post_once unique (score, hot);
alter table post add constraint post_order check (comments < score or scaled > hot);
create statistics post_together on active, comments from post;
