{#- The index of required checks. A new check is one model and one line here. -#}
{%- set checks = [
    'check_duplicates',
    'check_missing_sessions',
    'check_nonpositive',
    'check_ohlc',
    'check_provider_confidence',
    'check_spikes',
    'check_split_jump',
    'check_staleness'
] -%}
{%- for check in checks %}
select symbol, as_of_session, check_name::text as check_name, value, vetoed, detail from {{ ref(check) }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
