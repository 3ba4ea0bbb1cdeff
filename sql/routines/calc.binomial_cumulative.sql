-- calc.binomial_cumulative(successes, trials, probability): the probability of as many successes or fewer in independent trials.
-- Why: the zones of a VaR back-test are cumulative probabilities (Basel 1996). Each term by its logarithm, so that no binomial
--      coefficient leaves the range; exact to about 1e-13 at 250 trials. A term too small for a double is nothing: exp() would
--      raise.
-- Called by: audit.var_backtest. Raises: nothing; NULL for what is no such question.
create or replace function calc.binomial_cumulative(p_successes integer, p_trials integer, p_probability double precision)
returns double precision
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select case when p_successes between 0 and p_trials and p_probability > 0 and p_probability < 1 then (
        select least(sum(case when t.log_term > -700 then exp(t.log_term) else 0 end order by t.i), 1)
        from (
            select
                s.i,
                sum(case when s.i > 0 then ln((p_trials - s.i + 1)::double precision / s.i) else 0 end) over (order by s.i)
                + s.i * ln(p_probability) + (p_trials - s.i) * ln(1 - p_probability) as log_term
            from generate_series(0, p_successes) as s (i)
        ) as t
    ) end
$$;
comment on function calc.binomial_cumulative(integer, integer, double precision) is
'Probability of as many successes or fewer in independent trials, 0 to 1; NULL for what is no such question.';
