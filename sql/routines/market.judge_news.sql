-- market.judge_news(batch, rows, latest): what becomes of each received headline of a batch.
-- Why: a story is known by its source's number, else by the digest of its instant and headline. Rows of one story that pass by
-- themselves but differ are all set aside (DUPLICATE_CONFLICT); of equal ones the first is accepted. revision is the number it
-- is to be stored under, NULL where it equals the newest stored row of the story.
-- Called by: market.ingest_news. Raises: nothing.
create or replace function market.judge_news(p_batch market.ingest_batches, p_rows jsonb, p_latest timestamptz)
returns table (
    row_number integer, received jsonb, story text, published_at timestamptz, source text, headline text, symbols text[],
    reason text, is_duplicate boolean, accepted boolean, revision integer
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with judged as materialized (
        select r.n::integer as n, r.said, market.news_fault(r.said, p_batch.symbol, p_latest) as fault
        from jsonb_array_elements(p_rows) with ordinality as r (said, n)
    ),

    read as materialized (
        select
            j.*, market.instant_of(j.said ->> 'published_at') as published_at, market.trimmed(j.said ->> 'source') as source,
            market.trimmed(j.said ->> 'headline') as headline,
            case
                when j.fault is not null then null
                when jsonb_typeof(j.said -> 'symbols') = 'array'
                    then array(
                        select distinct s.word collate "C"
                        from jsonb_array_elements_text(j.said -> 'symbols') as s (word)
                        order by 1
                    )
                else array[p_batch.symbol]
            end as symbols
        from judged as j
    ),

    keyed as (
        select
            r.*,
            coalesce(
                r.said ->> 'story', encode(sha256(convert_to(ops.utc_text(r.published_at) || ' ' || r.headline, 'UTF8')), 'hex')
            ) as story
        from read as r
    ),

    compared as (
        select
            k.*, row_number() over same_story as nth,
            (k.published_at, k.source, k.headline, k.symbols)
            is distinct from first_value((k.published_at, k.source, k.headline, k.symbols)) over same_story as differs
        from keyed as k
        window same_story as (partition by k.story, k.fault is null order by k.n)
    ),

    final as (
        select
            c.*,
            coalesce(
                c.fault,
                case when bool_or(c.differs) over (partition by c.story, c.fault is null) then 'DUPLICATE_CONFLICT' end
            ) as reason
        from compared as c
    )

    select
        f.n, f.said, f.story, f.published_at, f.source, f.headline, f.symbols, f.reason, f.fault is null and f.nth > 1,
        f.reason is null and f.nth = 1,
        case
            when f.reason is not null or f.nth > 1 then null
            when s.revision is null then 0
            when (f.published_at, f.source, f.headline, f.symbols)
                is distinct from (s.published_at, s.source, s.headline, s.symbols) then s.revision + 1
        end
    from final as f
        left join lateral (
            select n.* from market.news as n
            where n.symbol = p_batch.symbol and n.provider = p_batch.provider and n.story = f.story
            order by n.revision desc limit 1
        ) as s on true
$$;
comment on function market.judge_news(market.ingest_batches, jsonb, timestamptz) is
'One row per received headline: what it says, reason to be set aside or NULL, and the revision it is to be stored as.';
