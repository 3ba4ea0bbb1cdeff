{#-
    Mid-rank percentile of a column within the row's sector, (below + equal / 2) / names, among the rows that have the value; null
    for a sector that is not known or has fewer such rows than sector_names_min. Its own half keeps it off 0 and 1, the more the
    smaller the sector. The relation must have a column sector.
-#}
{% macro sector_percentile(column) -%}
    case
            when
                {{ column }} is not null and sector is not null
                and count({{ column }}) over (partition by sector) >= {{ var('sector_names_min') }}
                then (
                    rank() over (partition by sector order by {{ column }}) - 1
                    + count({{ column }}) over (partition by sector order by {{ column }})
                )::double precision / (2 * count({{ column }}) over (partition by sector))
        end
{%- endmacro %}


{#- Mid-rank percentile of `value` among the earlier values `past`, (below + equal / 2) / observations; null with too few. -#}
{% macro own_percentile(value, past) -%}
    case
            when {{ value }} is not null and count({{ past }}) >= {{ var('own_history_min') }}
                then (count(*) filter (where {{ past }} < {{ value }}) + count(*) filter (where {{ past }} <= {{ value }}))
                    ::double precision / (2 * count({{ past }}))
        end
{%- endmacro %}
