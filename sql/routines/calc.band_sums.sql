-- calc.band_sums(first, close, from): what Bollinger bands 20/2 of one symbol are made of, for rows p_from and later.
-- What: a price to measure from, and of the last 20 closes' differences from it the sum and the sum of squares, each as what
--      lies in the row's block of 20 (prefix) and what is left of the block before (rest). With d = (prefix + rest) / 20 the
--      mean is reference + d, the population variance (square_prefix + square_rest) / 20 - d².
-- Why: ruling T1, TA-Lib's definition. The reference is the first close of the row's block (rows 1 to 20, 21 to 40, …), and
--      what is left of the block before is summed anew at each block's start. So a flat price has deviation 0 exactly, nothing
--      accumulates, and no state is carried: the rows from the start of the block before p_from's block on are enough (p_first,
--      which must be the first row of a block). One statement costs as much as several operations within one (measured): few,
--      long ones.
-- Called by: dbt features.features. Raises: nothing.
create or replace function calc.band_sums(
    p_first integer, p_close double precision[], p_from integer,
    out reference double precision[], out prefix double precision[], out rest double precision[],
    out square_prefix double precision[], out square_rest double precision[]
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
    v_count constant integer := coalesce(cardinality(p_close), 0);
    v_skip constant integer := p_from - p_first;
    v_start integer; -- rows before the block
    v_reference double precision;
    -- Element j: of the block before, what is left once the window has passed its first j - 1 closes.
    v_rest double precision[] := array_fill(c_zero, array[21]);
    v_square_rest double precision[] := array_fill(c_zero, array[21]);
begin
    reference := '{}'; rest := '{}'; square_rest := '{}';
    prefix := array_fill(c_zero, array[v_count + 1], array[0]); square_prefix := prefix;
    -- Blocks from p_from's on; of the one before it only what is left of it is asked for.
    for b in v_skip / 20 .. (v_count - 1) / 20 loop
        v_start := 20 * b;
        v_reference := p_close[v_start + 1];
        if b > 0 then
            for j in reverse 20 .. greatest(2, v_skip + 2 - v_start) loop
                v_rest[j] := v_rest[j + 1] + (p_close[v_start - 20 + j] - v_reference);
                v_square_rest[j] := v_square_rest[j + 1]
                    + (p_close[v_start - 20 + j] - v_reference) * (p_close[v_start - 20 + j] - v_reference);
            end loop;
        end if;
        -- The block's first close differs from itself by 0: its element of both prefixes is 0 already.
        for i in v_start + 2 .. least(v_start + 20, v_count) loop
            prefix[i] := prefix[i - 1] + (p_close[i] - v_reference);
            square_prefix[i] := square_prefix[i - 1] + (p_close[i] - v_reference) * (p_close[i] - v_reference);
        end loop;
        reference := reference || array_fill(v_reference, array[least(20, v_count - v_start)]);
        rest := rest || v_rest[2:least(21, v_count - v_start + 1)];
        square_rest := square_rest || v_square_rest[2:least(21, v_count - v_start + 1)];
    end loop;
    reference := reference[v_skip % 20 + 1:]; rest := rest[v_skip % 20 + 1:]; square_rest := square_rest[v_skip % 20 + 1:];
    prefix := prefix[v_skip + 1:]; square_prefix := square_prefix[v_skip + 1:];
end;
$$;
comment on function calc.band_sums(integer, double precision[], integer) is
'An element per close from row p_from on: a reference price (USD, F9 series), and of the last 20 closes'' differences '
'from it the sum (USD) and the sum of squares (USD squared), each in two parts to add; of fewer in the first 19 rows of '
'the series.';
