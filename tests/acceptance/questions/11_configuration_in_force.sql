-- Which configuration was in force at each decision, who pinned it, and which thresholds did it judge by?
-- Answer: One, pinned once, under every cycle.
select h.pinned_by, h.reason, count(distinct c.cycle_id) as cycles, min(c.as_of_session) as first, max(c.as_of_session) as last,
    h.limit_versions
from audit.cycles as c join audit.config_history as h on h.config_sha256 = c.config_sha256 and h.pinned_at <= c.opened_at
    and (h.replaced_at is null or h.replaced_at > c.opened_at)
group by h.pin_id, h.pinned_by, h.reason, h.limit_versions order by h.pin_id;
select limit_name, min(threshold) as lowest, max(threshold) as highest from audit.risk_checks group by limit_name order by limit_name;
