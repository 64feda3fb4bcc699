"""The PyTorch adapter against torch itself; skipped where torch or onnx is missing."""
import os
import sys
import unittest

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import qsim

try:
    import onnx
    import torch

    import qsim.torch
except ImportError as reason:
    raise unittest.SkipTest(f"{reason}")

WIDE = {
    "schema": "qsim/hardware-profile/1", "name": "wide", "extends": "int8-wide",
    "weight": {"bits": 16}, "activation": {"bits": 16}, "input": {"bits": 16}, "mac": {"accumulator": {"bits": 48}}}


def network():
    torch.manual_seed(1)
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.BatchNorm2d(4), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Flatten(), torch.nn.Linear(64, 10))


class TorchTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = qsim.Server()
        cls.module = network()
        cls.images = torch.rand(64, 1, 8, 8, generator=torch.Generator().manual_seed(2))
        cls.hardware = qsim.torch.Hardware("int8-acc-sat", cls.module, cls.images, server=cls.server)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_logits_are_exactly_the_hardwares(self):
        logits = self.hardware(self.images)
        served = self.hardware.hardware.forward(self.images.numpy())
        self.assertEqual(torch.float32, logits.dtype)
        np.testing.assert_array_equal(logits.detach().numpy(), served.logits)
        np.testing.assert_array_equal(self.hardware.predictions(self.images).numpy(), served.predictions)
        self.assertTrue(self.module.training, "the export leaves the mode as it was")

    def test_hardware_without_rounding_to_speak_of_is_the_float_network(self):
        self.module.eval()
        try:
            wanted_logits = self.module(self.images)
            with qsim.torch.Hardware(WIDE, self.module, self.images, server=self.server) as wide:
                at = self.images.clone().requires_grad_(True)
                labels = torch.arange(64) % 10
                torch.nn.functional.cross_entropy(wide(at), labels, reduction="sum").backward()
                other = self.images.clone().requires_grad_(True)
                torch.nn.functional.cross_entropy(self.module(other), labels, reduction="sum").backward()
                self.assertLess((wide(self.images) - wanted_logits).abs().max(), 2e-3)
                self.assertGreater(other.grad.abs().max(), 0.05)
                # Where two values of a pooling window round to one, either may be the larger.
                close = (at.grad - other.grad).abs() < 2e-3
                self.assertGreater(close.float().mean(), 0.99)
        finally:
            self.module.train()

    def test_float_gradients_are_torchs_own_at_the_same_images(self):
        self.module.eval()
        try:
            with qsim.torch.Hardware(
                    "int4", self.module, self.images, straight_through="float", server=self.server) as hardware:
                vectors = torch.rand(64, 10)
                at = self.images.clone().requires_grad_(True)
                hardware(at).backward(vectors)
                other = self.images.clone().requires_grad_(True)
                self.module(other).backward(vectors)
                torch.testing.assert_close(at.grad, other.grad, rtol=0, atol=0)
        finally:
            self.module.train()

    def test_the_gradient_of_a_loss_is_what_the_server_says_it_is(self):
        labels = torch.arange(64) % 10
        at = self.images.clone().requires_grad_(True)
        torch.nn.functional.cross_entropy(self.hardware(at), labels, reduction="sum").backward()
        served, _ = self.hardware.hardware.gradient(self.images.numpy(), labels.numpy())
        np.testing.assert_allclose(at.grad.numpy(), served, atol=1e-6)

    def test_gradients_by_hand_of_a_layer_that_saturates(self):
        """One linear layer whose 8-bit output saturates: the straight-through gradient is still the weights'."""
        module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10))
        with qsim.torch.Hardware("int8-wide", module, self.images * 0.01, server=self.server) as hardware:
            at = self.images.clone().requires_grad_(True)
            hardware(at)[:, 3].sum().backward()
            torch.testing.assert_close(
                at.grad, module[1].weight[3].detach().reshape(1, 1, 8, 8).expand(64, 1, 8, 8), rtol=1e-5, atol=1e-6)

    def test_refusals(self):
        for message, ask in [
                ("calibration: is missing", lambda: qsim.torch.Hardware("int4", self.module, server=self.server)),
                ("supported: hardware, float", lambda: qsim.torch.Hardware(
                    "int4", self.module, self.images, straight_through="no", server=self.server)),
                ("needs a torch module", lambda: qsim.torch.Hardware(
                    "int4", "digits-cnn", data="digits", straight_through="float", server=self.server)),
                ("value 0 is NaN", lambda: self.hardware(self.images * float("nan"))),
                ("images: int64", lambda: self.hardware(self.images.long())),
                ("is 64x1x8x7", lambda: self.hardware(self.images[..., 1:])),
                ("cannot be copied", lambda: __import__("copy").deepcopy(self.hardware))]:
            with self.subTest(message), self.assertRaises(qsim.Error) as refused:
                ask()
            self.assertIn(message, str(refused.exception))

    def test_attacks_of_a_few_lines_work_on_it(self):
        """FGSM, whose every step is what Foolbox and ART do with a module."""
        labels = self.hardware.predictions(self.images)
        at = self.images.clone().requires_grad_(True)
        torch.nn.functional.cross_entropy(self.hardware(at), labels).backward()
        attacked = (self.images + 0.3 * at.grad.sign()).clamp(0, 1)
        self.assertLess((self.hardware.predictions(attacked) == labels).float().mean(), 0.6)
        self.assertFalse(any(True for _ in self.hardware.parameters()))


if __name__ == "__main__":
    unittest.main()
