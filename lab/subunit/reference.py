"""Reads subunit streams as python-subunit and testtools do.

Standard input: streams, each after its length (4 bytes, big-endian). Standard output: one JSON line for each.
"""

import json
import os
import struct
import sys

from subunit import ByteStreamToStreamResult
from subunit.v2 import ParseError
from testtools import StreamResult, StreamToDict
from testtools.content_type import ContentType
from testtools.testresult import real

# testtools reads types with the package for e-mail, which throws on some that are not well-formed.
real._make_content_type = lambda mime: ContentType("text" if (mime or "").startswith("text/") else "other", "any")

FOREIGN = "bytes of no packet"
OUTCOMES = {
    "success": "passed",
    "fail": "failed",
    "skip": "skipped",
    "xfail": "expected-failure",
    "uxsuccess": "unexpected-success",
    "inprogress": "incomplete",
    "unknown": "incomplete",
}


class Reader(ByteStreamToStreamResult):
    """Notes whole packets.

    Where python-subunit throws, the program that uses it ends. Here a field that leaves its packet is one more parse
    error; a length that is too small for a packet ends the stream, as length 5 does, which makes it read on to the end.
    """

    def __init__(self, source):
        super().__init__(source, non_subunit_name=FOREIGN)
        self.packets = []

    def _parse(self, packet, result):
        start = self.source.tell() - 1
        try:
            super()._parse(packet, result)
        except struct.error as error:
            raise ParseError(str(error))
        except ValueError as error:
            self.source.read()
            raise ParseError(str(error))
        self.packets.append((start, self.source.tell()))


class WithoutParserErrors(StreamResult):
    """python-subunit tells of each broken packet as a failed test of this name."""

    def __init__(self, target):
        self.target = target

    def status(self, test_id=None, **event):
        if test_id not in (None, "subunit.parser"):
            self.target.status(test_id=test_id, **event)


def read(stream):
    tests = []
    file = os.memfd_create("stream")
    with os.fdopen(file, "w+b") as source:
        source.write(stream)
        source.seek(0)
        collect = StreamToDict(tests.append)
        collect.startTestRun()
        reader = Reader(source)
        reader.run(WithoutParserErrors(collect))
        finished = len(tests)
        collect.stopTestRun()
    # What never ended comes in the reverse order of its beginning.
    tests[finished:] = reversed(tests[finished:])
    ran = [describe(test) for test in tests if test["status"] != "exists"]
    return {"tests": ran, "skipped": skipped(reader.packets, len(stream))}


def describe(test):
    start, end = test["timestamps"]
    outcome = OUTCOMES[test["status"]]
    return {
        "id": test["id"],
        "outcome": outcome,
        "start": microseconds(start),
        "end": microseconds(end),
        "tags": sorted(test["tags"]),
        "texts": [] if outcome == "passed" else texts(test["details"]),
    }


def microseconds(time):
    return None if time is None else int(time.replace(microsecond=0).timestamp()) * 1000000 + time.microsecond


def texts(details):
    return [
        [name, b"".join(content.iter_bytes()).decode("utf-8", "replace")]
        for name, content in details.items()
        if content.content_type.type == "text"
    ]


def skipped(packets, length):
    places, total, at = 0, 0, 0
    for start, end in [*packets, (length, length)]:
        if start > at:
            places += 1
            total += start - at
        at = end
    return {"bytes": total, "places": places}


def main():
    source = sys.stdin.buffer
    while head := source.read(4):
        stream = source.read(struct.unpack(">I", head)[0])
        print(json.dumps(read(stream)), flush=True)


main()
