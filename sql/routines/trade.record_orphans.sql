-- trade.record_orphans(account, reports): orders of the broker that nobody placed here.
-- What: how many are new. Once the account is adopted a new one engages the kill source `orphan` (I11); before, each is a row and the
-- account waits for its adoption. To be called before trade.record_reports, by itself: a kill takes its locks first.
-- Why: an order nobody placed means somebody else holds the key, or our books are not the ones the broker traded for.
-- Called by: the broker worker. Raises: MQ240, MQ361 a report that cannot be read.
create or replace function trade.record_orphans(p_account text, p_reports jsonb)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_adopted boolean;
    v_ids text[];
begin
    perform trade.require_account(p_account);
    perform 1 from trade.parse_reports(p_reports);
    v_adopted := exists (select 1 from trade.adoptions as a where a.account = p_account);
    v_ids := array(
        select distinct r ->> 'broker_order_id'
        from jsonb_array_elements(p_reports) as r
        where not exists (
                select 1 from trade.orders as o where o.account = p_account and o.client_order_id = r ->> 'client_order_id'
            )
            and not exists (
                select 1 from trade.foreign_orders as f
                where f.account = p_account and f.broker_order_id = r ->> 'broker_order_id'
            )
    );
    if cardinality(v_ids) = 0 then
        return 0;
    end if;
    if v_adopted then
        perform ops.engage_kill_switch(
            format('account %s: the broker has %s order(s) nobody placed: %s', p_account, cardinality(v_ids), (
                select left(string_agg(distinct format('%s %s %s (%s, as %s)', r ->> 'side', r ->> 'quantity', r ->> 'symbol',
                    r ->> 'broker_order_id', r ->> 'client_order_id'), '; '), 400)
                from jsonb_array_elements(p_reports) as r
                where r ->> 'broker_order_id' = any (v_ids)
            )),
            'orphan'
        );
    end if;
    if not v_adopted then
        -- Adopted since it was asked they are orphans, and a kill takes its locks before the account's: the next pass kills.
        perform 1 from trade.accounts as a where a.account = p_account for no key update;
        if exists (select 1 from trade.adoptions as a where a.account = p_account) then
            raise exception using errcode = 'serialization_failure',
                message = 'the account was adopted while its orders were read', detail = 'account=' || p_account,
                hint = 'ask again: they are orphans now';
        end if;
    end if;
    insert into trade.foreign_orders (account, broker_order_id, client_order_id, report, before_adoption, seen_at)
    select distinct on (r ->> 'broker_order_id')
        p_account, r ->> 'broker_order_id', r ->> 'client_order_id', r, not v_adopted, ops.now()
    from jsonb_array_elements(p_reports) as r
    where r ->> 'broker_order_id' = any (v_ids)
    on conflict (account, broker_order_id) do nothing;
    return cardinality(v_ids);
end;
$$;
comment on function trade.record_orphans(text, jsonb) is
'Records orders of the broker nobody placed; after the adoption a new one kills. Returns how many are new. Raises MQ240, MQ361.';
