"""The programs in python/README.md and docs/serve.md, run as they stand."""
import os
import re
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = os.path.join(HERE, "..")
sys.path.insert(0, PYTHON)
import qsim


def programs(*path):
    with open(os.path.join(PYTHON, *path), encoding="utf-8") as file:
        return re.findall(r"```python\n(.*?)```", file.read(), re.DOTALL)


def has(module):
    return subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True).returncode == 0


class DocumentTests(unittest.TestCase):
    def run_as_it_stands(self, program):
        command = qsim.find_command()[0]
        environment = {
            **os.environ, "PYTHONPATH": PYTHON, "PATH": f"{os.path.dirname(os.path.abspath(command))}:{os.environ.get('PATH', '')}"}
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True, text=True)
        self.assertEqual(0, done.returncode, program + done.stderr)
        return done.stdout

    def test_a_study_and_hardware_of_the_readme(self):
        study, hardware, _ = programs("README.md")
        self.assertIn("int8-wide", self.run_as_it_stands(study))
        self.run_as_it_stands(hardware)

    def test_the_module_of_the_readme(self):
        if not (has("torch") and has("onnx")):
            self.skipTest("torch or onnx is missing")
        self.run_as_it_stands(programs("README.md")[2])

    def test_the_exchange_by_hand(self):
        program, = programs("..", "docs", "serve.md")
        said = self.run_as_it_stands(program).splitlines()
        self.assertEqual(["(129", "(131", "(132"], [line.split(",")[0] for line in said])


if __name__ == "__main__":
    unittest.main()
