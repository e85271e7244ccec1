create function sorted_in() returns trigger language plpgsql as $$
begin
  if new.at < date '2001-01-01' then insert into pay_old values (new.*); return null; end if;
  return new;
end $$;
create function rounded() returns int language sql as 'select 1';
create table pay (id int not null, clerk int default rounded(), at date not null);
create table pay_old (check (at < date '2001-01-01')) inherits (pay);
create trigger pay_sorted before insert on pay for each row execute function sorted_in();
create rule pay_kept as on delete to pay where rounded() > 5 do instead nothing;
create view takings as select clerk, count(*) as n from pay group by clerk;
