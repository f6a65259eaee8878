"""运行分析: the indicators of the county, counted from what happened.

insight decides nothing about cases. It follows the logs of all services, keeps of each fact what is counted, and tells
how much, how long and how often; every number opens into the cases and facts that it counts, and asked again as of an
earlier instant it is what it was then.
"""
