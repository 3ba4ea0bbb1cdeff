-- audit.verify_chain(): recomputes the whole chain inside the database; one row that says whether it is intact.
-- What: seq without a gap, prev_hash = hash of the row before, hash = sha256(prev_hash || payload), the payload is JSON and the
-- columns beside it say what it says, one head which is the last row, the rows that were anchored are as they were.
-- Why: a first look for analysts and for the gate. It cannot see a rewrite that took audit.anchors or this routine along:
-- that takes the anchors outside and `python -m runner audit verify` (I23).
-- Called by: ops.clear_kill_source, analysts. Raises: nothing.
create or replace function audit.verify_chain()
returns table (intact boolean, entries bigint, head_seq bigint, head_hash bytea, broken_seq bigint, problem text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with chained as (
        select
            l.*,
            row_number() over (order by l.seq) as expected_seq,
            lag(l.hash, 1, decode(repeat('00', 32), 'hex')) over (order by l.seq) as expected_prev,
            l.hash = sha256(l.prev_hash || l.payload) as hashed,
            audit.read_payload(l.payload) as said
        from audit.audit_log as l
    ),

    judged as (
        select
            c.seq,
            case
                when c.seq <> c.expected_seq then 'GAP'
                when c.prev_hash <> c.expected_prev then 'LINK'
                when c.hashed is not true then 'HASH'
                when c.said is null then 'PAYLOAD'
                when c.said -> 'seq' is distinct from to_jsonb(c.seq)
                    or c.said ->> 'event' is distinct from c.event or c.said ->> 'account' is distinct from c.account
                    or c.said ->> 'cycle_id' is distinct from c.cycle_id or c.said ->> 'actor' is distinct from c.actor
                    or c.said ->> 'occurred_at' is distinct from ops.utc_text(c.occurred_at)
                    or c.said ->> 'recorded_at' is distinct from ops.utc_text(c.recorded_at) then 'COLUMNS'
            end as problem
        from chained as c
    ),

    first_broken as (
        select j.seq, j.problem from judged as j where j.problem is not null order by j.seq limit 1
    ),

    -- Rows that were anchored and are gone, or have another hash.
    first_unanchored as (
        select a.seq from audit.anchors as a
        where not exists (select 1 from audit.audit_log as l where l.seq = a.seq and l.hash = a.hash)
        order by a.seq limit 1
    ),

    tail as (
        select coalesce(max(l.seq), 0) as seq, count(*) as entries from audit.audit_log as l
    ),

    final as (
        select
            t.entries, h.seq as head_seq, h.hash as head_hash, coalesce(b.seq, u.seq) as broken_seq,
            coalesce(b.problem, case
                when h.seq is null then 'NO_HEAD'
                when h.seq <> t.seq then 'HEAD'
                when h.hash <> coalesce(
                    (select l.hash from audit.audit_log as l where l.seq = t.seq), decode(repeat('00', 32), 'hex')
                ) then 'HEAD'
                when u.seq is not null then 'ANCHOR'
            end) as problem
        from tail as t
            left join audit.heads as h on (select count(*) from audit.heads) = 1
            left join first_broken as b on true
            left join first_unanchored as u on true
    )

    select f.problem is null, f.entries, f.head_seq, f.head_hash, f.broken_seq, f.problem from final as f
$$;
comment on function audit.verify_chain() is
'Recomputes the hash chain: intact, number of entries, head, and the first broken seq with its problem (GAP, LINK, HASH, '
'PAYLOAD, COLUMNS, HEAD, NO_HEAD, ANCHOR).';
