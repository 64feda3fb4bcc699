"""What PyTorch makes of a network, its input gradients, FGSM and APGD: the other side of PyTorchGoldenTests.

Reads one JSON object from standard input and writes one to standard output.
APGD follows algorithm 1 of Croce and Hein (ICML 2020), Linf, on cross-entropy.
"""
import json
import sys

import torch
import torch.nn.functional as F


def forward(layers, x):
    for layer in layers:
        kind = layer["kind"]
        if kind == "conv2d":
            weight = torch.tensor(layer["weight"]).reshape(layer["shape"])
            x = F.conv2d(x, weight, torch.tensor(layer["bias"]), padding=layer["padding"])
        elif kind == "dense":
            weight = torch.tensor(layer["weight"]).reshape(layer["shape"])
            x = F.linear(x, weight, torch.tensor(layer["bias"]))
        elif kind == "relu":
            x = F.relu(x)
        elif kind == "max_pool2d":
            x = F.max_pool2d(x, layer["kernel"])
        else:
            x = torch.flatten(x, 1)
    return x


def differentiate(layers, x, y):
    x = x.detach().requires_grad_(True)
    logits = forward(layers, x)
    losses = F.cross_entropy(logits, y, reduction="none")
    (gradient,) = torch.autograd.grad(losses.sum(), x)
    return logits.detach(), losses.detach(), gradient


def constrain(x, x0, epsilon):
    return torch.min(torch.max(x, x0 - epsilon), x0 + epsilon).clamp(0, 1)


def step_sizes(layers, x0, start, y, epsilon, steps, checkpoints):
    """The step size that each step of each image was taken with."""
    x, old = start.clone(), start.clone()
    _, loss, gradient = differentiate(layers, x, y)
    best, best_gradient, best_loss, at_check = x.clone(), gradient.clone(), loss.clone(), loss.clone()
    step = torch.full((len(x), 1, 1, 1), 2 * epsilon, dtype=torch.float64)
    halved = torch.ones(len(x), dtype=torch.bool)
    losses, trace, last = [loss], [], 0
    for k in range(steps):
        trace.append(step.flatten().tolist())
        a = 1.0 if k == 0 else 0.75
        z = constrain(x + step.float() * gradient.sign(), x0, epsilon)
        x, old = constrain(x + a * (z - x) + (1 - a) * (x - old), x0, epsilon), x
        _, loss, gradient = differentiate(layers, x, y)
        losses.append(loss)
        better = loss > best_loss
        best[better], best_gradient[better], best_loss[better] = x[better], gradient[better], loss[better]
        if k + 1 in checkpoints:
            rises = sum((losses[i + 1] > losses[i]).long() for i in range(last, k + 1))
            halve = (rises <= 0.75 * (k + 1 - last)) | (~halved & (at_check >= best_loss))
            halved, at_check, last = halve, best_loss.clone(), k + 1
            step[halve] /= 2
            x[halve], gradient[halve] = best[halve], best_gradient[halve]
    return trace


def main():
    task = json.load(sys.stdin)
    torch.set_num_threads(1)
    images = torch.tensor(task["images"]).reshape(task["shape"])
    labels = torch.tensor(task["labels"])
    logits, losses, gradient = differentiate(task["layers"], images, labels)
    epsilon = task["epsilon"]
    fgsm = (images + epsilon * gradient.sign()).clamp(0, 1)
    start = torch.tensor(task["start"]).reshape(task["shape"])
    trace = step_sizes(
        task["layers"], images, start, labels, epsilon, task["steps"], set(task["checkpoints"]))
    json.dump({
        "version": torch.__version__,
        "logits": logits.flatten().tolist(),
        "losses": losses.tolist(),
        "gradients": gradient.flatten().tolist(),
        "fgsm": fgsm.flatten().tolist(),
        "trace": trace,
    }, sys.stdout)


main()
