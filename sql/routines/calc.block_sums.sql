-- calc.block_sums(first, window, value, squares, …): what the sum of the last p_window values of a row is made of.
-- What: prefix, the sum since the row's block of p_window rows began (rows 1 to p_window, …); block, what it was at the end of
--      the block before. The window's sum is prefix + (block - the prefix p_window rows before). The same of the squares where
--      asked.
-- Why: no rounding lives longer than two windows, whatever prices the series has seen, and a row's bits depend on its number in
--      the series, not on where a run began. Block by block, so that no row asks where its block begins. Rows numbered 0 and
--      below are of the first block: their values should be 0.
-- Called by: dbt features.features. Raises: nothing.
create or replace function calc.block_sums(
    p_first integer, p_window integer, p_value double precision[], p_squares boolean,
    p_prefix double precision, p_block double precision, p_square_prefix double precision, p_square_block double precision,
    out prefix double precision[], out block double precision[],
    out square_prefix double precision[], out square_block double precision[]
)
language plpgsql
immutable
parallel safe
cost 100000
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_zero constant double precision := 0;
    v_count constant integer := coalesce(cardinality(p_value), 0);
    v_block double precision := coalesce(p_block, c_zero);
    v_square_block double precision := coalesce(p_square_block, c_zero);
    v_from integer := 1;
    v_to integer;
begin
    prefix := array_fill(coalesce(p_prefix, c_zero), array[v_count + 1], array[0]); block := '{}';
    if p_squares then
        square_prefix := array_fill(coalesce(p_square_prefix, c_zero), array[v_count + 1], array[0]); square_block := '{}';
    end if;
    while v_from <= v_count loop
        v_to := least(v_count, v_from + p_window - 1 - (p_first + v_from - 2) % p_window);
        if (p_first + v_from - 2) % p_window = 0 then
            v_block := prefix[v_from - 1]; prefix[v_from] := p_value[v_from];
        else
            prefix[v_from] := prefix[v_from - 1] + p_value[v_from];
        end if;
        for i in v_from + 1 .. v_to loop
            prefix[i] := prefix[i - 1] + p_value[i];
        end loop;
        block := block || array_fill(v_block, array[v_to - v_from + 1]);
        if p_squares then
            if (p_first + v_from - 2) % p_window = 0 then
                v_square_block := square_prefix[v_from - 1]; square_prefix[v_from] := p_value[v_from] * p_value[v_from];
            else
                square_prefix[v_from] := square_prefix[v_from - 1] + p_value[v_from] * p_value[v_from];
            end if;
            for i in v_from + 1 .. v_to loop
                square_prefix[i] := square_prefix[i - 1] + p_value[i] * p_value[i];
            end loop;
            square_block := square_block || array_fill(v_square_block, array[v_to - v_from + 1]);
        end if;
        v_from := v_to + 1;
    end loop;
    prefix := prefix[1:]; square_prefix := square_prefix[1:];
end;
$$;
comment on function calc.block_sums(
    integer, integer, double precision[], boolean, double precision, double precision, double precision, double precision
) is
'An element per value: the sum since its block of p_window rows began and that sum at the end of the block before (in the'
' values'' unit, 0 before the first block), which the next row continues from; the same of the values'' squares, null '
'unless p_squares.';
