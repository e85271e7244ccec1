insert into parcels values (1, 'sent');
