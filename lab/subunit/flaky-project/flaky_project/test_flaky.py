"""Tests for the shipped job: some fail once, some always. What they have done already they note in files below $STATE."""
import os
import unittest


def is_first(name):
    path = os.path.join(os.environ["STATE"], name)
    if os.path.exists(path):
        return False
    open(path, "w").close()
    return True


class Fine(unittest.TestCase):
    def test_passes(self):
        pass

    @unittest.skip("there are no volumes here")
    def test_skipped(self):
        pass


class Flaky(unittest.TestCase):
    def test_fails_once(self):
        if is_first("test"):
            self.fail("now and then")

    def test_fails_always(self):
        self.fail("always")


class FlakyFixture(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if is_first("fixture"):
            raise RuntimeError("the cloud was not ready yet")

    def test_one(self):
        pass

    def test_two(self):
        pass


class BrokenFixture(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise RuntimeError("always")

    def test_hidden(self):
        pass
