{#-
    A segment: up to 63 consecutive rows of one symbol as a row of arrays (first_n, last_n, an element per session), with the state
    the next segment continues from as plain columns. Why: a series of 1260 sessions is 20 rows, not 1260, to write, to index and to
    join; a look-up of a single value reads one page, whatever the history: 63 is what 16 columns leave inline (storage()). A full
    refresh fills segments to the brim, an increment appends its rows as they come. The segments of feat_price and feat_risk are
    adjusted_prices' own, one for one; what changes inside a segment is computed from the segment's first row on.
-#}
{% macro segment_rows() %}63{% endmacro %}


{#- The part of each array that lies in the segment s. columns: name -> array. -#}
{% macro cut(columns) -%}
    {%- for name, array in columns.items() %}
        {{ array }}[s.from_i:s.to_i] as {{ name }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#- The segments (of adjusted_prices) that a row k of whole arrays is cut into, as s: see cut. -#}
{% macro own_segments() -%}
    cross join lateral (
            select
                u.first_n, u.last_n, u.recorded_at, u.first_n - k.first_n + 1 as from_i, u.last_n - k.first_n + 1 as to_i
            from unnest(k.first_ns, k.last_ns, k.segments_recorded_at) as u (first_n, last_n, recorded_at)
        ) as s
{%- endmacro %}


{#-
    The values of array columns h rows before the first rows to compute, as arrays <column>_h of a row `lag_h` beside c: one look-up
    for all columns. A full refresh finds them among its own rows. columns: name -> SQL type.
-#}
{% macro lagged(relation, columns, h) -%}
    cross join lateral (
        select
            {%- for column, kind in columns.items() %}
            {% if is_incremental() -%}
            calc.concat(
                l.{{ column }}[c.first_n - {{ h }} - l.first_n + 1:least(c.first_n - 1, c.last_n - {{ h }}) - l.first_n + 1]
                order by l.last_n
            )
            {%- else -%} null::{{ kind }}[] {%- endif %} as {{ column }}_{{ h }}
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        {%- if is_incremental() %}
        -- No more segments than rows, however short an increment left them: else it would read 63 for one.
        from (
                select x.* from {{ relation }} as x
                where x.symbol = c.symbol and x.last_n >= c.first_n - {{ h }}
                order by x.last_n limit greatest(0, least({{ h }}, c.last_n - c.first_n + 1))
            ) as l
        where l.first_n <= least(c.first_n - 1, c.last_n - {{ h }})
        {%- endif %}
    ) as lag_{{ h }}
{%- endmacro %}


{#-
    A segment's arrays stay in its row, uncompressed: out of line each would cost a look-up of its own. And no autovacuum: whoever drops
    or renames a table it is at work on waits a second for it, and nobody asks the statistics of a table that is read by its key.
-#}
{% macro storage() %}toast_tuple_target = 8160, autovacuum_enabled = false{% endmacro %}
