"""A file of ratings read by pandas into the same columns: users and items as dense indices
sorted by id, ratings in float32, times in float64.

Usage: python ingest_pandas.py FILE [--form c|arrow]
c      read_csv with pandas' own parser, one thread, told the types as "Scaling to large datasets" in
       its documents has it for what must fit into memory
arrow  its engine="pyarrow", which reads with threads (Parquet is read by pyarrow in either form)
Prints one line of JSON.
"""

import json
import time

import numpy as np
import pandas
import pyarrow
from neutral import arguments, peak_mebibytes, spread

TYPES = {"user": np.int32, "item": np.int32, "rating": np.float32, "timestamp": np.int64}

if __name__ == "__main__":
    options = arguments(["c", "arrow"]).parse_args()
    pyarrow.set_cpu_count(options.threads)
    path = options.folder
    used, begin = time.process_time(), time.perf_counter()
    if path.endswith(".parquet"):
        frame = pandas.read_parquet(path)
    elif options.form == "arrow":
        frame = pandas.read_csv(path, engine="pyarrow")
    else:
        frame = pandas.read_csv(path, engine="c", dtype=TYPES)
    users, user_ids = pandas.factorize(frame["user"], sort=True)
    items, item_ids = pandas.factorize(frame["item"], sort=True)
    columns = (users.astype(np.int32), items.astype(np.int32),
               frame["rating"].to_numpy(np.float32), frame["timestamp"].to_numpy(np.float64))
    taken = time.perf_counter() - begin
    print(json.dumps({
        "threads": options.threads,
        "runMs": spread([taken]),
        "processorMs": 1e3 * (time.process_time() - used),
        "checkLosses": [len(user_ids), len(item_ids), len(columns[0])],
        "peakMebibytes": peak_mebibytes(),
        "versions": {"pandas": pandas.__version__, "pyarrow": pyarrow.__version__},
    }))
