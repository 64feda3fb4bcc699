"""The authors' AutoAttack through qsim.torch beside QSim's own, on the same hardware and images: the table in python/README.md.

    autoattack.py AUTO_ATTACK OUT [--profiles int8-wide,int4] [--data digits] [--network digits-cnn] [--epsilon 16/255]

AUTO_ATTACK is a checkout of github.com/fra31/auto-attack; QSIM names the command. In OUT are QSim's runs, which go on where they
were. Both attack the hardware itself, under L-infinity, and both are judged by the hardware. Needs PyTorch.
"""
import argparse
import os
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "python"))
import qsim
import qsim.torch

GRADIENTS = ["apgd-ce", "apgd-t", "fab-t"]


def own(profile, given):
    """Which images stand against QSim's AutoAttack, and against its three attacks with gradients."""
    folder = os.path.join(given.out, profile.replace("/", "_"))
    images = os.path.join(folder, "images")
    done = os.path.join(folder, "done")
    if not os.path.exists(done):
        study = {
            "name": "autoattack", "data": given.data, "network": given.network, "profiles": [profile],
            "attacks": ["autoattack", *GRADIENTS], "epsilons": [given.epsilon], "images": given.images, "epochs": given.epochs}
        qsim.run(study, out=folder, save_images=images, cache=os.path.join(given.out, "cache"), progress=True)
        open(done, "w").close()
    saved = [
        np.load(os.path.join(at, name)) for at, _, names in os.walk(images) for name in names
        if name.startswith("hardware-") and name.endswith(".npz")]
    saved = {str(npz["attack"]): npz for npz in saved if str(npz["target"]) == profile}
    assert len(saved) == 4, list(saved)
    stands = {name: npz["outcome"].astype(bool) for name, npz in saved.items()}
    whole = stands.pop("autoattack")
    return np.logical_and.reduce(list(stands.values())), whole, saved["autoattack"]["images"], saved["autoattack"]["labels"]


def authors(hardware, x, y, epsilon, batch):
    """The same of the authors' standard AutoAttack, whose last part is Square."""
    from autoattack import AutoAttack

    runner = AutoAttack(hardware, norm="Linf", eps=epsilon, seed=1, version="standard", device="cpu", verbose=False)

    def stands(x, y, parts):
        runner.attacks_to_run = parts
        made = runner.run_standard_evaluation(x, y, bs=batch)
        assert (made - x).abs().max() <= epsilon + 1e-6 and made.min() >= 0 and made.max() <= 1
        return (hardware.predictions(made) == y).numpy()

    gradients = (hardware.predictions(x) == y).numpy() & stands(x, y, GRADIENTS)
    whole = gradients.copy()
    whole[gradients] = stands(x[gradients], y[gradients], ["square"])
    return gradients, whole


def number(text):
    over, _, under = text.partition("/")
    return float(over) / float(under or 1)


def compare(profile, given):
    *ours, images, labels = own(profile, given)
    with qsim.torch.Hardware(
            profile, given.network, data=given.data, epochs=given.epochs, images=given.images,
            cache=os.path.join(given.out, "cache")) as hardware:
        x, y = hardware.hardware.test_images()
        assert np.array_equal(x, images.reshape(x.shape)) and np.array_equal(y, labels)
        x, y = torch.from_numpy(x), torch.from_numpy(y.astype(np.int64))
        clean = (hardware.predictions(x) == y).float().mean()
        torch.manual_seed(1)
        theirs = authors(hardware, x, y, number(given.epsilon), given.batch)
    row = [given.network, profile, given.epsilon, f"{100 * clean:.1f}"]
    for one, other in zip(ours, theirs):
        apart = abs(int(one.sum()) - int(other.sum()))
        row += [one.sum(), other.sum(), f"{100 * apart / len(y):.1f}", (one != other).sum()]
    print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description="the authors' AutoAttack through qsim.torch beside QSim's own")
    parser.add_argument("auto_attack")
    parser.add_argument("out")
    parser.add_argument("--profiles", default="int8-wide,int4")
    parser.add_argument("--data", default="digits")
    parser.add_argument("--network", default="digits-cnn")
    parser.add_argument("--epsilon", default="16/255")
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--batch", type=int, default=500)
    given = parser.parse_args()
    sys.path.insert(0, given.auto_attack)
    torch.set_num_threads(1)  # torch only moves small arrays here; the server has the cores
    os.makedirs(given.out, exist_ok=True)
    print(
        "| network | profile | L-infinity | clean, % | without Square: QSim leaves | the authors leave | points apart "
        "| verdicts apart | whole: QSim leaves | the authors leave | points apart | verdicts apart |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for profile in given.profiles.split(","):
        compare(profile, given)


if __name__ == "__main__":
    main()
