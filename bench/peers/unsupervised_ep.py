"""The unsupervised equilibrium propagation run of selftarget, written as a PyTorch user would write it for speed:
tensors preloaded, no gradient recorded, the constant input drive computed once a batch, states moved in place.
Prints one JSON line per epoch.

usage: unsupervised_ep.py IMAGES.idx --threads 2 --epochs 1
"""
import argparse, gzip, json, resource, struct, time
import numpy as np
import torch
from torch import nn


def idx(path):
    raw = (gzip.open(path) if path.endswith(".gz") else open(path, "rb")).read()
    rank = raw[3]
    shape = struct.unpack(f">{rank}I", raw[4:4 + 4 * rank])
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape)


parser = argparse.ArgumentParser()
parser.add_argument("images")
parser.add_argument("--layers", default="784,2000,2000")
parser.add_argument("--rates", default="0.01,0.015")
parser.add_argument("--dropout", default="0.3,0,0.2", help="input, hidden ..., output mask")
parser.add_argument("--winners", type=int, default=4)
parser.add_argument("--gamma", type=float, default=0.65)
parser.add_argument("--smoothing", type=float, default=0.3)
parser.add_argument("--dt", type=float, default=0.2)
parser.add_argument("--free", type=int, default=60)
parser.add_argument("--nudged", type=int, default=20)
parser.add_argument("--beta", type=float, default=0.2)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--steps", type=int, default=0, help="stop every epoch after so many steps")
args = parser.parse_args()

torch.set_num_threads(args.threads)
torch.manual_seed(0)
torch.set_grad_enabled(False)
layers = [int(n) for n in args.layers.split(",")]
rates = [float(r) for r in args.rates.split(",")]
dropout = [float(p) for p in args.dropout.split(",")]
images = torch.from_numpy(idx(args.images).reshape(-1, layers[0]).astype(np.float32) / 255)

weights = [nn.init.xavier_uniform_(torch.empty(a, b), gain=0.5) for a, b in zip(layers, layers[1:])]
biases = [torch.zeros(b) for b in layers[1:]]
top, outputs, keep = len(weights), layers[-1], 1 - dropout[-1]
wanted = keep * args.winners / outputs


def settle(states, drive, masks, steps, beta=0.0, d=None):
    """`steps` Euler steps of all layers at once; states[l - 1] is layer l, in [0, 1], so that rho(s) = s."""
    for _ in range(steps):
        forces = []
        for l in range(1, top + 1):
            force = drive if l == 1 else torch.addmm(biases[l - 1], states[l - 2], weights[l - 1])
            if l < top:
                force = torch.addmm(force, states[l], weights[l].t())
            elif d is not None:
                force = torch.add(force, d - states[-1], alpha=beta)
            forces.append(force)
        for s, force, mask in zip(states, forces, masks):
            s.lerp_(force, args.dt).clamp_(0, 1)
            if mask is not None:
                s.mul_(mask)


def bernoulli(shape, p):
    return torch.empty(shape).bernoulli_(1 - p) if p else None


for epoch in range(args.epochs):
    homeostasis = torch.zeros(outputs)
    order = torch.randperm(len(images))
    steps = len(images) // args.batch
    if args.steps:
        steps = min(steps, args.steps)
    start = time.perf_counter()
    for step in range(steps):
        x = images[order[step * args.batch:(step + 1) * args.batch]]
        if dropout[0]:
            x = x * bernoulli(x.shape, dropout[0])
        masks = [bernoulli((args.batch, n), p) for n, p in zip(layers[1:], dropout[1:])]
        drive = torch.addmm(biases[0], x, weights[0])
        states = [torch.zeros(args.batch, n) for n in layers[1:]]
        settle(states, drive, masks, args.free)
        free = [s.clone() for s in states]
        y = states[-1]
        winners = torch.topk(y - homeostasis, args.winners, dim=1, sorted=False).indices
        d = torch.full_like(y, args.smoothing * args.winners / outputs)
        d.scatter_(1, winners, 1 - args.smoothing + args.smoothing * args.winners / outputs)
        if masks[-1] is not None:
            d.mul_(masks[-1])
        homeostasis += args.gamma * (d.mean(0) - wanted)
        loss = (y - d).square().mean()
        beta = args.beta if torch.rand(1) < 0.5 else -args.beta
        settle(states, drive, masks, args.nudged, beta, d)
        for l in range(top):
            factor = rates[l] / (beta * args.batch)
            if l == 0:
                difference = states[0] - free[0]
                weights[0].addmm_(x.t(), difference, alpha=factor)
            else:
                weights[l].addmm_(states[l - 1].t(), states[l], alpha=factor)
                weights[l].addmm_(free[l - 1].t(), free[l], alpha=-factor)
            biases[l].add_((states[l] - free[l]).sum(0), alpha=factor)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"epoch": epoch + 1, "trainSeconds": seconds, "steps": steps, "batch": args.batch, "loss": loss.item(), "peakMB": peak}), flush=True)
