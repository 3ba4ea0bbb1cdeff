{#-
    One row per symbol that has rows to compute: first_n, last_n, and the segment before first_n (its carried state) as `kept`.

    How a change is found. A source segment's recorded_at is the running maximum over everything its rows depend on, so it rises with
    n, and this model's newest segment keeps the one it was built from. The segments up to the last whose recorded_at is not beyond
    that are still right; whatever was added, revised, inserted before or elected anew lies after them. Walking back from the newest
    costs the segments that changed, plus one. It relies on writers of market data being serialised (ops.locks 'market'): what is
    committed later is recorded later.
-#}
{% macro changes(source, state) %}
    select
        i.symbol, newest_source.last_n
        {%- if is_incremental() %}, coalesce(kept.last_n, 0) + 1 as first_n
        {%- for column in state %}, kept.{{ column }}{% endfor %}
        {%- else %}, 1 as first_n
        {%- for column, kind in state.items() %}, null::{{ kind }} as {{ column }}{% endfor %}
        {%- endif %}
    from {{ ref('stg_ref__instruments') }} as i
        cross join lateral (
            select s.last_n from {{ source }} as s where s.symbol = i.symbol order by s.last_n desc limit 1
        ) as newest_source
    {%- if is_incremental() %}
        left join lateral (
            select t.recorded_at from {{ this }} as t where t.symbol = i.symbol order by t.last_n desc limit 1
        ) as newest on true
        left join lateral (
            select s.last_n from {{ source }} as s
            where s.symbol = i.symbol and s.recorded_at <= newest.recorded_at
            order by s.last_n desc limit 1
        ) as unchanged on true
        left join {{ this }} as kept on kept.symbol = i.symbol and kept.last_n = unchanged.last_n
    where newest_source.last_n > coalesce(kept.last_n, 0)
    {%- endif %}
{% endmacro %}
