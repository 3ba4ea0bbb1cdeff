-- A price or a volume no instrument has ever had is set aside with a reason of its own (calc.bar_defect).
comment on column market.quarantined_bars.reason is
'NON_SESSION, FUTURE_SESSION, NULL_PRICE, NON_FINITE, NON_POSITIVE, ABSURD_PRICE, HIGH_BELOW_LOW, OUTSIDE_RANGE, '
'NEGATIVE_VOLUME, NON_FINITE_VOLUME (NON_FINITE in rows from before 0029), ABSURD_VOLUME, DUPLICATE_CONFLICT.';
