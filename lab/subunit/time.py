"""Times python-subunit: for each path on standard input a line with the tests found and the seconds it took."""

import sys
import time

from subunit import ByteStreamToStreamResult
from testtools import StreamToDict

for path in sys.stdin:
    tests = []
    start = time.perf_counter()
    with open(path.rstrip("\n"), "rb") as source:
        result = StreamToDict(tests.append)
        result.startTestRun()
        ByteStreamToStreamResult(source, non_subunit_name="stdout").run(result)
        result.stopTestRun()
    print(len(tests), time.perf_counter() - start, flush=True)
