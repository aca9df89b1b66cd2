"""A set of one labelled situation, to begin one's own with."""

EXAMPLE = """\
# A set of situations: one file like this, or a folder of them (*.toml).
# What stands on top holds for every situation that does not say otherwise.
language = "en"
customer = { first_name = "Emma", country = "United Kingdom", time_zone = "Europe/London" }

[[situations]]
id = "en-late-order"
about = "A loyal customer's parcel is five days late and still under way."
tags = ["delivery"]
# Columns of the table customers, as procx validate --columns lists them. Moments count from the
# day of the set: -11d, -5h, +2d.
customer = { segment = "Loyal", lifetime_value = 1400.0 }
# How they bought before: 10 orders of 60.0, every 30 days, the last 12 days ago.
buys = { times = 10, every = 30, last = "-12d", amount = 60.0 }

# Rows of other tables likewise: payments, support_tickets, nps_survey, customer_events, ...
[[situations.orders]]
order_id = "ORD-48213"
order_date = "-11d"
estimated_delivery_date = "-5d"
order_status = "shipped"
payment_status = "success"
total_amount = 84.0

# What would be right. Further: person = ["vip_complaint"] (why a person must look first),
# offers = ["come-back-5"] (any of which may be given), refused = "no_consent" (why nobody writes).
[situations.expect]
action = "update_on_order"
kind = "order_delayed"
purpose = "transactional"
"""
