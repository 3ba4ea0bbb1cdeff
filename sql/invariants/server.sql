-- What the server must not offer. A prepared transaction outlives its session: one that held the kill row could not be ended, and
-- a kill would wait for it for ever (I13); any role can make one.
select 'max_prepared_transactions is ' || s.setting || ': a kill cannot end a prepared transaction' as violation
from pg_catalog.pg_settings as s
where s.name = 'max_prepared_transactions' and s.setting::integer <> 0;
