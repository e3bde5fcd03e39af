create table users (id bigint primary key, name text not null, city text, age int);
create table orders (user_id bigint, line int, item text, price numeric(10,2), primary key (user_id, line));
create table notes (body text, at timestamp);
create table clicks (user_id bigint, url text, at timestamp not null, ms double precision);
create table bids (auction bigint, bidder bigint, price int, at timestamptz);
create view adults as select id, name from users where age >= 18;
create view fast as select user_id, url from clicks where ms < 10;
insert into users values (1, 'ann', 'Rome', 30), (2, 'bob', 'Oslo', 17), (3, 'cid', null, 45), (4, 'dan', 'Rome', null), (5, 'eve', 'Oslo', 17), (6, 'fay', 'Bern', 61);
insert into orders values (1, 1, 'pen', 2.50), (1, 2, 'ink', 10.00), (2, 1, 'pen', 2.50), (3, 1, null, 99.99), (3, 2, 'cap', null), (9, 1, 'ink', 0.10), (5, 17, 'mug', 7);
insert into notes values ('a', '2024-01-01 10:00'), ('a', '2024-01-01 10:00'), (null, null), ('b', '2024-02-01 00:00');
insert into clicks values (1, '/', '2024-01-01 10:00:01', 3.5), (1, '/a', '2024-01-01 10:00:09', 12), (2, '/', '2024-01-01 10:00:10', null), (3, null, '2024-01-01 10:01:00', 9.99), (3, '/', '2024-01-01 10:00:30', 1), (1, '/', '2024-01-01 10:00:01', 3.5);
insert into bids values (1, 10, 5, '2024-01-01 10:00:01Z'), (1, 11, 7, '2024-01-01 10:00:08Z'), (2, 10, 1, '2024-01-01 10:00:10Z'), (1, 10, null, '2024-01-01 10:00:19.999999Z'), (2, 12, 9, null);
-- queries
select * from users
select id, name from users where age > 20 and city is not null
select id + age, upper(name), case when age > 18 then 'old' when age is null then 'none' else 'young' end from users
select city, count(*), sum(age), min(age), max(name) from users group by city
select count(*), count(age), sum(price), count(distinct city) from users, orders where users.id = orders.user_id
select age / 10 as decade, count(*) filter (where city = 'Rome') from users group by decade having count(*) > 0
select city, count(*) from users group by city having max(age) > 20 order by count(*) desc, city
select count(*), sum(age) from users where id > 100
select city, sum(age) from users where id > 100 group by city
select max(age) - min(age), max(age) from users having count(*) > 2
select u.name, o.item from users u join orders o on o.user_id = u.id
select u.name, o.item from users u left join orders o on o.user_id = u.id and o.price > 5
select u.name, o.item from users u left join orders o on o.user_id = u.id and u.age > 20
select u.name, o.item from users u left join orders o on o.user_id = u.id where o.price > 5
select u.name, o.item from users u left join orders o on o.user_id = u.id where o.item is null
select u.name, o.item from users u right join orders o on o.user_id = u.id and u.age > 20
select u.name, o.item from users u full join orders o on o.user_id = u.id where u.age > 17 or u.age is null
select u.name, o.line from users u join orders o on u.age = o.line
select u.name, o.price from users u join orders o on u.id = o.price * 2 - 4
select u.name, o.item from users u join orders o on u.id < o.line
select a.name, b.name from users a, users b where a.city = b.city and a.id < b.id
select * from (select id, name from users) a join (select id, city from users) b using (id) where city <> 'Oslo'
select id, a.n, b.m from (select id, name as n from users where id < 4) a full join (select id, city as m from users where id > 2) b using (id)
select * from (select id, name from users) a natural left join (select id, age from users where age > 20) b
select name from users where id in (select user_id from orders where price > 5)
select name from users where id not in (select user_id from orders)
select name from users where age not in (select line from orders)
select name from users where age not in (select line from orders where line > 100)
select name from users where city not in (select item from orders)
select name, age in (select line from orders), city in (select item from orders), city not in (select name from users) from users
select name from users where id in (select user_id from orders) or age in (select line from orders)
select name from users where age = any (select line from orders) and id <> all (select user_id from orders where user_id < 3)
select name from users where exists (select 1 from orders where price > 1000)
select name from users where not exists (select 1 from orders where price > 1000) and exists (select 1 from notes)
select name, (select max(price) from orders) from users where age > (select avg(age) from users)
select name, (select item from orders where user_id = 1 and line = 2), (select item from orders where user_id = 8 and line = 2) from users
select (select count(*) from orders) + count(*) as n, city from users group by city having count(*) >= (select 2)
select id, name from users union all select user_id, item from orders
select city from users union select item from orders
select id from users union select age from users
select id from users intersect select user_id from orders
select line from orders intersect all select age from users
select id from users except select user_id from orders
select user_id from orders except all select id from users
select distinct city, age from users where age = 17 or city is null
select distinct on (city) city, name from users order by city, age desc, name
select distinct city from users order by city desc nulls last limit 2
select id, name from users order by age desc nulls last, name limit 3 offset 1
select id from users order by age nulls first, id desc
select body from notes order by body desc
select * from (select city, count(*) as n from users group by city) t where city = 'Rome' and n > 1
select * from (select count(*) as n from users) t where n > 3
select * from (select count(*) as n, max(age) as m from users) t where false
select * from (select id, name from users order by id limit 3) t where name <> 'bob'
select * from (select id, name from users union all select user_id, item from orders) t where id = 3
select * from (select id, city from users except select user_id, item from orders) t where id < 4
select city from (select distinct name, city from users) t
select id from (select id, name from users except select user_id, item from orders) t
select x + x from (select age * 2 as x, name from users) t where x > 40
with t as (select id, age from users where age > 3), u (x) as (select max(age) from t) select t.id, x from t, u
with t as (select * from orders) select a.line, b.item from t a join t b on a.user_id = b.user_id and a.line < b.line
select name from adults where id = 3
select f.url, count(*) from fast f group by f.url
select u.id, u.name, count(o.item), sum(o.price) from users u left join orders o on o.user_id = u.id group by u.id
select o.user_id, u.city, array_agg(o.item order by o.line) from users u join orders o on o.user_id = u.id group by o.user_id, u.city
select city, string_agg(name, ',' order by name desc) from users group by city
select * from generate_series(1, 3) as g, (values (1, 'a'), (2, 'b')) as v(x, y) where g >= x
select name, (age, city) = (17, 'Oslo'), age between 17 and 30, age in (17, null), coalesce(city, name), nullif(age, 17) from users
select name from users where name like '_a%' or name ilike 'B%' or city is distinct from 'Rome' and not age < 40
select user_id, count(*), min(ms), max(ms), avg(ms) from clicks group by user_id
select auction, max(price), count(*) from bids where at is not null group by auction, floor(extract(epoch from at) / 10)
select price from orders where user_id = 1 and line = 2
select item from orders where 3 = user_id and line = 1 and price > 50
select id from users where id = 3.0
select count(*) from users where id = 4 and age is null
select sum(a.age) from users a join users b on a.id = b.id and b.city = 'Oslo' group by b.city
select max(length(u.name || coalesce(o.item, ''))) from users u left join orders o on u.id = o.user_id
select 1 from users where id > 4 union all select 2
select count(*) from (select 1 from users limit 4) t
select u.name, o.item from users u full join orders o on o.user_id = u.id and o.price > 5
select u.name, o.item from users u full join orders o on o.user_id = u.id and u.age > 20
select auction, window_start, window_end, count(*), max(price) from tumble(bids, at, interval '10 seconds') group by auction, window_start, window_end ==> select auction, date_bin('10 seconds', at, '2000-01-01Z') w, date_bin('10 seconds', at, '2000-01-01Z') + interval '10 s', count(*), max(price) from bids where at is not null group by 1, 2
select window_start, bidder from tumble(bids, at, interval '1 minute', interval '5 seconds') as w where price > 4 and w.window_start > '2020-01-01' ==> select date_bin('1 minute', at, '2000-01-01 00:00:05Z'), bidder from bids where price > 4 and at is not null
select window_start, count(*) from hop(bids, at, interval '5 seconds', interval '10 seconds') group by window_start ==> select date_bin('5 seconds', at, '2000-01-01Z') + i * interval '-5 seconds', count(*) from bids, generate_series(0, 1) i where at is not null group by 1
with b as (select auction, at from bids where price > 5) select auction, window_end from tumble(b, at, interval '10 seconds') ==> select auction, date_bin('10 seconds', at, '2000-01-01Z') + interval '10 s' from bids where price > 5 and at is not null
select u.name, o.item from users u full join orders o on o.user_id = u.id where o.price > 2
select u.name, o.item from users u full join orders o on o.user_id = u.id where o.price > 2 and u.age > 17
select u.name, o.item from users u full join orders o on o.user_id = u.id where coalesce(o.price, 3) > 2 or u.age = 17
select u.name, o.item from users u left join orders o on o.user_id = u.id where o.item in ('pen', 'ink') or o.line = 2
select u.name, o.item from users u left join orders o on o.user_id = u.id where o.item not in ('pen', 'ink') and u.city = 'Rome' or o.line is null
select u.name, o.item from users u left join orders o on o.user_id = u.id where (o.item = 'pen') is not true
select id, (age, id) < (17, 3), (age, id) >= (17, 5), (id, age) > (3, null), (age, city) <= (30, 'Rome'), (age, city) <> (17, 'Oslo') from users
select id, row(age, city) is null, row(age, city) is not null, (age, city) is distinct from (17, null), (age, city) is not distinct from (45, null), (age, id) in ((17, 2), (30, 9)) from users
select name from users where (age, id) < (30, 2) and (city, name) in (('Rome', 'ann'), ('Oslo', 'bob'), (null, 'cid'))
select * from generate_series('2024-01-31'::timestamp, '2024-05-01', interval '1 month') as g
select * from generate_series('2024-01-01'::date, '2023-12-30'::date, interval '-12 hours') as g
select g * 2 from generate_series(1, 2, 0.3) as g
select count(*) from generate_series(9223372036854775806, 9223372036854775807) as g
select a, b from generate_series(3, 1) as a, generate_series(1, 2) as b
