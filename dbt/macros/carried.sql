{#-
    What a symbol's next row continues from besides its row's public columns: the elements of features.carried, in their order. An
    array, because the gate copies every double precision column as a feature, and these are none.
-#}
{% macro carried() -%}
    {{- return([
        'factor', 'market_close', 'gain', 'loss', 'ema_fast', 'ema_slow', 'ema_signal',
        'hist_prefix', 'hist_block', 'square_prefix', 'square_block', 'close_prefix', 'close_block',
        'return_sum', 'return_square', 'highest', 'highest_n',
        'pairs', 'sum_x', 'sum_y', 'sum_xx', 'sum_xy', 'mean_range'
    ]) -}}
{%- endmacro %}


{#- One of them, of the row x. -#}
{% macro was(name, x='c') -%} {{ x }}.carried[{{ carried().index(name) + 1 }}] {%- endmacro %}


{#- Their names and order as a number, the element after them: a row that another version laid out is no row to continue from. -#}
{% macro carried_layout() -%}
    {{- return(local_md5(carried() | join(' '))[:8] | int(base=16)) -}}
{%- endmacro %}
