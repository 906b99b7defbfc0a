"""Checks of one test program: each named part passes or fails as a whole, and the end says how many did."""
import traceback


class Checks:
    def __init__(self):
        self.passed, self.failed, self.faults = 0, 0, []

    def part(self, name, function, *arguments):
        """Runs function; the part fails with each that(), says() or exception that did."""
        self.faults = []
        try:
            function(self, *arguments)
        except Exception as error:  # a part that breaks off must not take the others with it
            self.faults.append(f"{type(error).__name__}: {error} ({traceback.extract_tb(error.__traceback__)[-1].line})")
        for fault in self.faults:
            print(f"FAIL {name}: {fault}", flush=True)
        self.failed, self.passed = self.failed + bool(self.faults), self.passed + (not self.faults)
        return not self.faults

    def that(self, holds, text):
        if not holds:
            self.faults.append(text)
        return bool(holds)

    def equal(self, got, wanted, what):
        return self.that(got == wanted, f"{what}: {got!r}, not {wanted!r}")

    def says(self, text, *words):
        """Each of the words stands in the text, whatever its case."""
        missing = [w for w in words if w.lower() not in text.lower()]
        return self.that(not missing, f"{missing} not in {text[-1500:]!r}")

    def close(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0
