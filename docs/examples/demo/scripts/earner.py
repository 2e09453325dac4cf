"""A worker written with nova_worker.py: what each run cost and earned goes to the ledger. Its money is made up."""

import nova_worker


class Earner(nova_worker.Worker):
    interval = 5
    max_failures = 3
    cooldown = 30

    def __init__(self):
        super().__init__()
        self.runs = 0

    def run(self):
        self.runs += 1
        if self.runs % 11 == 0:
            raise RuntimeError("nobody answered")
        sold = self.runs % 3 == 0
        return nova_worker.Result(
            revenue="0.40" if sold else "0", cost="0.02", source="demo", status=f"{self.runs} runs done"
        )


nova_worker.main(Earner())
