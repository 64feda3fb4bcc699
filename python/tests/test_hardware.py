"""qsim from Python against the command itself: python3 -m unittest discover -s python/tests, with QSIM naming the command."""
import io
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import qsim
from qsim import _server, _wire

DIGITS = {"network": "digits-cnn", "data": "digits", "epochs": 1}


def command(*words, cwd=None):
    return subprocess.run([*qsim.find_command(), *words], cwd=cwd, capture_output=True, text=True, check=True)


class HardwareTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = qsim.Server()
        cls.hardware = qsim.Hardware("int8-acc-wrap", **DIGITS, server=cls.server)
        cls.images, cls.labels = cls.hardware.test_images(40)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_raw_outputs_are_those_of_explain_and_vectors(self):
        with tempfile.TemporaryDirectory() as folder:
            command(
                "explain", "taps", "--epochs", "1", "--profile", "int8-acc-wrap", "--images", "40", "--image", "all",
                "--outputs-only", "--out", "taps.npz", cwd=folder)
            command(
                "vectors", "--epochs", "1", "--profile", "int8-acc-wrap", "--images", "0..3", "--layer", "conv2", "--out",
                "golden", cwd=folder)
            with np.load(os.path.join(folder, "taps.npz")) as explained:
                np.testing.assert_array_equal(self.hardware.raw(self.images), explained["dense2.output"].reshape(40, 10))
                taps = self.hardware.taps(self.images)
                self.assertEqual(list(taps), ["input", *self.hardware.layers])
                for name, values in taps.items():
                    wanted = explained["input" if name == "input" else f"{name}.output"]
                    np.testing.assert_array_equal(values.ravel(), wanted.ravel(), name)
            with np.load(os.path.join(folder, "golden", "vectors.npz")) as golden:
                np.testing.assert_array_equal(
                    self.hardware.taps(self.images[:4], "conv2")["conv2"].ravel(), golden["conv2.output"].ravel())

    def test_what_a_study_counts_right_is_what_is_predicted_right(self):
        with tempfile.TemporaryDirectory() as folder:
            results = qsim.run(
                {"name": "counts", "data": "digits", "network": "digits-cnn", "profiles": ["int8-acc-wrap"]},
                epochs=1, images=40, attacks="fgsm", epsilons=["8/255"], cwd=folder, out="run")
            table = results.accuracy
            row = table[(table["target"] == "int8-acc-wrap") & (table["attack"] == "none")]
            self.assertEqual(row["correct"][0], (self.hardware.predictions(self.images) == self.labels).sum())
            self.assertEqual(os.path.join(folder, "run"), results.folder)
            self.assertEqual("counts", results.document["study"]["name"])
            self.assertEqual(np.float64, table["low95"].dtype)
            self.assertTrue({"accuracy", "events", "layers"} <= set(results.tables))
            try:
                frame = results.to_pandas("accuracy")
            except ImportError:
                return
            self.assertEqual(list(frame["target"]), list(table["target"]))

    def test_batches_of_any_size_give_the_same_bits(self):
        together = self.hardware.forward(self.images)
        whole, qsim._hardware._REQUEST_BYTES = qsim._hardware._REQUEST_BYTES, 3 * self.images[0].nbytes
        try:
            apart = self.hardware.forward(self.images)
            taps = self.hardware.taps(self.images, ["conv1", "dense2"])
            gradients, losses = self.hardware.gradient(self.images, self.labels)
        finally:
            qsim._hardware._REQUEST_BYTES = whole
        for one, other in zip(together, apart):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(taps["dense2"].reshape(40, 10), together.raw)
        again = self.hardware.gradient(self.images, self.labels)
        np.testing.assert_array_equal(gradients, again[0])
        np.testing.assert_array_equal(losses, again[1])

    def test_images_as_bytes_doubles_rows_and_slices(self):
        levels = (self.images * 16 * 15).astype(np.uint8)
        np.testing.assert_array_equal(self.hardware.raw(levels), self.hardware.raw(levels / np.float32(255)))
        np.testing.assert_array_equal(
            self.hardware.raw(self.images.astype(np.float64)), self.hardware.raw(self.images.reshape(40, 64)))
        np.testing.assert_array_equal(self.hardware.raw(self.images[::-2]), self.hardware.raw(self.images)[::-2])
        self.assertEqual((0, 10), self.hardware.logits(self.images[:0]).shape)

    def test_refusals_are_the_servers_words_and_it_goes_on(self):
        nan = np.full_like(self.images, np.nan)
        for message, ask in [
                ("value 0 is NaN", lambda: self.hardware.logits(nan)),
                ("int64", lambda: self.hardware.logits(self.images.astype(int))),
                ("images[None]", lambda: self.hardware.logits(self.images[0])),
                ("is 40x1x8x7", lambda: self.hardware.logits(self.images[..., 1:])),
                ("did you mean 'conv1'?", lambda: self.hardware.taps(self.images, "conv7")),
                ("labels: value 0 is 10", lambda: self.hardware.gradient(self.images, self.labels * 0 + 10)),
                ("labels: float64", lambda: self.hardware.gradient(self.images, self.labels * 1.0)),
                ("supported: [40, 10]", lambda: self.hardware.vjp(self.images, np.zeros((40, 9)))),
                ("did you mean 'int4'", lambda: qsim.Hardware("int5", **DIGITS, server=self.server)),
                ("unknown key 'epocs'", lambda: qsim.Hardware("int4", "digits-cnn", "digits", epocs=3, server=self.server)),
                ("bytes (at most 268435456): send fewer images", lambda: qsim.Hardware(
                    "int4", "n.onnx", calibration=np.broadcast_to(np.uint8(0), (1, 1 << 28)), server=self.server)),
                ("not JSON serializable", lambda: qsim.Hardware("int4", "digits-cnn", "digits", seed={1}, server=self.server)),
        ]:
            with self.subTest(message), self.assertRaises(qsim.Error) as refused:
                ask()
            self.assertIn(message, str(refused.exception))
            self.assertEqual(2, refused.exception.code)
        self.server.ping()

    def test_profiles_as_text_and_as_dict(self):
        text = "schema: qsim/hardware-profile/1\nname: mine\nextends: int8-acc-wrap\n"
        keys = {"schema": "qsim/hardware-profile/1", "name": "mine", "extends": "int8-acc-wrap"}
        for profile in (text, keys):
            with qsim.Hardware(profile, **DIGITS, server=self.server) as other:
                self.assertEqual(self.hardware.bits_sha256, other.bits_sha256)
        keys["mac"] = {"accumulator": {"bits": 18}}
        with qsim.Hardware(keys, **DIGITS, server=self.server) as other:
            self.assertNotEqual(self.hardware.bits_sha256, other.bits_sha256)
        with self.assertRaisesRegex(qsim.Error, "closed"):
            other.logits(self.images)

    def test_memory_stays_bounded_over_a_huge_batch(self):
        # 200,000 images, 51 MB, in several requests; a view, so that nothing here holds them either.
        many = np.broadcast_to(self.images[0], (200_000, 1, 8, 8))
        raw = self.hardware.raw(many)
        self.assertEqual((200_000, 10), raw.shape)
        self.assertTrue((raw == raw[0]).all())


class ServerTests(unittest.TestCase):
    def test_a_server_that_is_killed_is_an_error_and_stays_one(self):
        server = qsim.Server()
        os.kill(server._process.pid, signal.SIGKILL)
        for _ in range(2):
            with self.assertRaisesRegex(qsim.Error, "qsim serve ended.*-9"):
                server.ping()
        server.close()

    def test_what_is_no_server_is_an_error(self):
        old = [sys.executable, "-c", "import sys; sys.stderr.write(\"qsim: unknown command 'serve'\\n\"); sys.exit(2)"]
        echo = [sys.executable, "-c", "import os\nwhile os.write(1, os.read(0, 9999)): pass"]
        page = [sys.executable, "-c", "print('<html>a page of text that is long enough for a header</html>')"]
        newer = [sys.executable, "-c", (
            "import sys, struct; r = sys.stdin.buffer; n = struct.unpack('<I', r.read(4))[0]; r.read(n); t = b'{\"code\": 2, "
            "\"error\": \"protocol 1 (supported: 2)\"}'; sys.stdout.buffer.write(struct.pack('<IB3xII', 12 + len(t), 255, 1, "
            "len(t)) + t)")]
        for message, words in [
                ("unknown command 'serve'", old), ("does not speak protocol 1", echo), ("does not speak protocol 1", page),
                (r"protocol 1 \(supported: 2\)", newer)]:
            with self.subTest(message), self.assertRaisesRegex(qsim.Error, message):
                qsim.Server(words)
        silent = [sys.executable, "-c", "import time; time.sleep(60)"]
        with self.assertRaisesRegex(qsim.Error, "nothing was answered within 1 s"):
            qsim.Server(silent, start_timeout=1.0)
        with self.assertRaisesRegex(qsim.Error, "no-such-qsim: there is no such command"):
            qsim.Server("no-such-qsim")
        with self.assertRaisesRegex(qsim.Error, "is 'qsim serve --socket /no/such' running"):
            qsim.Server(socket="/no/such")

    def test_a_server_ends_when_its_python_dies(self):
        script = (
            f"import sys, os, signal; sys.path.insert(0, {os.path.dirname(qsim.__path__[0])!r}); import qsim; s = qsim.Server();"
            "print(s._process.pid, flush=True); sys.stdin.readline(); os.kill(os.getpid(), signal.SIGKILL)")
        python = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        pid = int(python.stdout.readline())
        self.assertTrue(alive(pid))
        python.communicate("\n")
        self.assertEqual(-signal.SIGKILL, python.returncode)
        self.assertTrue(within(20, lambda: not alive(pid)))

    def test_training_ends_when_its_python_dies(self):
        script = (
            f"import sys, os; sys.path.insert(0, {os.path.dirname(qsim.__path__[0])!r}); import qsim; s = qsim.Server();"
            "print(s._process.pid, flush=True);"
            "qsim.Hardware('int4', 'digits-cnn', 'digits', epochs=100000, server=s, progress=lambda *a: os._exit(9))")
        python = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        self.assertEqual(9, python.returncode)
        self.assertTrue(within(30, lambda: not alive(int(python.stdout))))

    def test_an_interrupted_request_breaks_the_server_and_not_the_next_answer(self):
        def interrupt(*_):
            raise KeyboardInterrupt

        server = qsim.Server()
        with self.assertRaises(KeyboardInterrupt):
            qsim.Hardware("int4", **DIGITS, server=server, progress=interrupt)
        with self.assertRaisesRegex(qsim.Error, "interrupted"):
            server.ping()

    def test_a_forked_child_does_not_keep_it_alive_or_use_it(self):
        server = qsim.Server()
        pid = server._process.pid
        child = os.fork()
        if child == 0:
            try:
                server.ping()
            except qsim.Error as refused:
                time.sleep(2 if "after fork" in str(refused) else 0)
                os._exit(0 if "after fork" in str(refused) else 1)
            os._exit(1)
        server.ping()
        server.close()
        self.assertTrue(within(1.5, lambda: not alive(pid)))
        self.assertEqual(0, os.waitpid(child, 0)[1])

    def test_a_socket_serves_several(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "s")
            process = subprocess.Popen([*qsim.find_command(), "serve", "--socket", path], stderr=subprocess.PIPE)
            try:
                process.stderr.readline()
                with qsim.Server(socket=path) as one, qsim.Server(socket=path) as two:
                    with qsim.Hardware("int4", **DIGITS, server=one) as a, qsim.Hardware("int4", **DIGITS, server=two) as b:
                        images, _ = a.test_images(5)
                        np.testing.assert_array_equal(a.raw(images), b.raw(images))
            finally:
                process.terminate()
                process.wait(20)
                process.stderr.close()
            self.assertFalse(os.path.exists(path))


class RunTests(unittest.TestCase):
    def test_refusals_are_the_commands_line(self):
        with tempfile.TemporaryDirectory() as folder:
            for message, study, options in [
                    ("no study|no such file", "missing.yaml", {}),
                    ("unknown option '--epocs'", None, {"epocs": 3}),
                    (r"bad.yaml:1:\d+: netwrok: unknown key", {"name": "bad", "netwrok": "mlp"}, {}),
                    ("no shipped profile", None, {"profile": ["int5"]})]:
                with self.subTest(message), self.assertRaisesRegex(qsim.Error, message) as refused:
                    qsim.run(study, cwd=folder, **options)
                self.assertEqual(2, refused.exception.code)
            self.assertEqual([], os.listdir(folder))

    def test_tables_have_numbers_texts_and_what_is_missing(self):
        results = qsim.Results({"rows": [
            {"n": 1, "x": 0.5, "s": "a", "b": True, "m": None}, {"n": 2, "x": None, "s": None, "b": False, "m": 3}], "one": 3})
        rows = results["rows"]
        self.assertEqual(("i", "f", "U", "b", "f"), tuple(rows.dtype[name].kind for name in rows.dtype.names))
        self.assertTrue(np.isnan(rows["x"][1]) and np.isnan(rows["m"][0]))
        self.assertEqual(3, results["one"])
        with self.assertRaisesRegex(KeyError, "there are rows, one"):
            results["no"]


class WireTests(unittest.TestCase):
    def test_answers_that_cannot_be_are_refused(self):
        def answer(kind, head, body=b"", number=1, size=None):
            text = head.encode()
            return struct.pack("<IB3xII", 12 + len(text) + len(body), kind, number, len(text) if size is None else size) + text + body

        good = answer(0x82, "{}")
        for bytes_ in [
                b"", good[:10], answer(0x83, "{}"), answer(0x82, "[]"), answer(0x82, "{"), answer(0x82, "{}", number=2),
                answer(0x82, "{}", b"x"), answer(0x82, "{}", size=1 << 30),
                answer(0x82, '{"arrays": [{"name": "x", "dtype": "f4", "shape": [-1]}]}'),
                answer(0x82, '{"arrays": [{"name": "x", "dtype": "f4", "shape": [99999999999]}]}'),
                answer(0x82, '{"arrays": [{"name": "x", "dtype": "q", "shape": [1]}]}')]:
            with self.subTest(bytes_), self.assertRaises(_wire.Broken):
                _wire.receive(reader(bytes_), _wire.PING, 1, None)
        self.assertEqual(({}, {}), _wire.receive(reader(good), _wire.PING, 1, None))


def reader(bytes_):
    stream = io.BytesIO(bytes_)

    def read_into(view):
        if stream.readinto(view) < len(view):
            raise _wire.Broken("it ended")

    return read_into


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def within(seconds, is_so):
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


if __name__ == "__main__":
    unittest.main()
