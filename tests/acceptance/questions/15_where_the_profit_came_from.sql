-- Where did each day's profit come from? The parts add up to the change of NAV to the last digit; unexplained is not 0 only
-- where a price or fill came after the mark.
-- Answer: 13,852 USD lost on positions held, 13,690 on fills against their close, 3,209 in fees.
select session, round(pnl_usd, 2) as pnl, round(marks_usd, 2) as marks, round(fills_usd, 2) as fills, round(fees_usd, 2) as fees,
    round(dividends_usd, 2) as dividends, round(unexplained_usd, 2) as unexplained, round(nav, 2) as nav
from mart.pnl_daily order by session;
select round(sum(pnl_usd), 2) as pnl, round(sum(marks_usd), 2) as marks, round(sum(fills_usd), 2) as fills,
    round(sum(fees_usd), 2) as fees, bool_and(marks_usd + fills_usd + fees_usd + dividends_usd + interest_usd + other_cash_usd
        + adjustments_usd + unexplained_usd = nav - nav_before - net_flow_usd) as adds_up
from mart.pnl_daily;
