"""A made-up shop: every second a run that costs COST and earns REVENUE, both in dollars. The engine decides about it."""

import os

import nova_worker


class Shop(nova_worker.Worker):
    interval = 1

    def __init__(self):
        super().__init__()
        self.runs = 0

    def run(self):
        self.runs += 1
        return nova_worker.Result(
            revenue=os.environ["REVENUE"], cost=os.environ["COST"], source="demo", status=f"{self.runs} customers"
        )


nova_worker.main(Shop())
