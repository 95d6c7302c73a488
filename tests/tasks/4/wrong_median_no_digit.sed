# The median has no digit behind the point.
# report: at the end.*the digit behind the point is missing
s/median %.1f/median %.0f/
