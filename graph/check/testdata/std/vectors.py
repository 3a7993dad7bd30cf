"""Writing the test vectors of the standard library.

Run the other scripts in this folder, with the packages of requirements.txt, to
make the vectors again: python3 geo.py, and so on.

A case is a function body in the language with its arguments, and the results
that some other program computes for it. tensor() and ints() make arguments.
"""
import json
import numpy as np


class File:
    def __init__(self, name, tol):
        self.name, self.tol, self.cases = name, tol, []

    def add(self, body, args, *want, **opt):
        """opt: tol; fixed: arguments not to differentiate by; step of differences."""
        self.cases.append({
            "body": body,
            "args": {k: pack(v) for k, v in args.items()},
            "want": [pack(w) for w in want], **opt,
        })

    def write(self):
        rows = ",\n".join(json.dumps(c) for c in self.cases)
        with open(self.name + ".json", "w") as f:
            f.write('{"import": "%s", "tol": %g, "cases": [\n%s\n]}\n' % (self.name, self.tol, rows))


def pack(v):
    a = np.asarray(v)
    return {"shape": list(a.shape), "int": a.dtype.kind in "iu",
            "data": [number(x) for x in a.ravel().tolist()]}


def number(x):
    return str(x) if x in (float("inf"), float("-inf")) or x != x else x
