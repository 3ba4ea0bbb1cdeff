-- govern.permissions_hold(): whether govern.state_permissions is still what ruling B5 says of every state and class of order.
-- Why: the table decides what leaves; a row that is gone refuses by itself, one that was loosened would not.
-- Called by: govern.layer_07_circuit_breakers. Raises: nothing.
create or replace function govern.permissions_hold()
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select count(*) = 40 and coalesce(bool_and(
        case p.order_class
            when 'increase' then p.allowed = (p.state in ('ALLOW', 'SCALE', 'RECOVERY'))
            when 'reduce' then p.allowed = (p.state in ('ALLOW', 'SCALE', 'RECOVERY', 'REJECT'))
            when 'protective_stop' then p.allowed = (p.state <> 'HALT')
            when 'liquidation' then
                p.allowed = (p.state in ('LIQUIDATE', 'KILL')) and (not p.allowed or p.demands = 'APPROVAL') is true
            else p.allowed
        end
    ), false)
    from govern.state_permissions as p
$$;
comment on function govern.permissions_hold() is 'True while govern.state_permissions is what ruling B5 says.';
