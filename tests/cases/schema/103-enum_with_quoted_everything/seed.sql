insert into "S""x.%s"."T {}" values ('{', '{it''s,a b}')
