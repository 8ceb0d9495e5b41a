"""The unsupervised backpropagation run of selftarget, written as a PyTorch user would write it for speed:
tensors preloaded, no data loader, no Python loop inside a step. Prints one JSON line per epoch.

usage: unsupervised_bp.py IMAGES.idx --threads 2 --epochs 1
"""
import argparse, json, resource, time
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from idx import idx

parser = argparse.ArgumentParser()
parser.add_argument("images")
parser.add_argument("--layers", default="784,2000,2000")
parser.add_argument("--rates", default="2.5,5")
parser.add_argument("--dropout", default="0.3,0.2,0.2", help="input, hidden ..., output mask")
parser.add_argument("--winners", type=int, default=5)
parser.add_argument("--gamma", type=float, default=0.5)
parser.add_argument("--batch", type=int, default=16)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--steps", type=int, default=0, help="stop every epoch after so many steps")
args = parser.parse_args()

torch.set_num_threads(args.threads)
torch.manual_seed(0)
layers = [int(n) for n in args.layers.split(",")]
rates = [float(r) for r in args.rates.split(",")]
dropout = [float(p) for p in args.dropout.split(",")]
images = torch.from_numpy(idx(args.images).reshape(-1, layers[0]).astype(np.float32) / 255)

linears = [nn.Linear(a, b) for a, b in zip(layers, layers[1:])]
for linear in linears:
    nn.init.xavier_uniform_(linear.weight, gain=0.5)
    nn.init.zeros_(linear.bias)
optimizer = torch.optim.SGD([{"params": l.parameters(), "lr": r} for l, r in zip(linears, rates)], lr=0.1)
outputs, keep = layers[-1], 1 - dropout[-1]
wanted = keep * args.winners / outputs

for epoch in range(args.epochs):
    homeostasis = torch.zeros(outputs)
    order = torch.randperm(len(images))
    steps = len(images) // args.batch
    if args.steps:
        steps = min(steps, args.steps)
    start = time.perf_counter()
    for step in range(steps):
        x = images[order[step * args.batch:(step + 1) * args.batch]]
        for i, linear in enumerate(linears):
            x = F.linear(F.dropout(F.relu(x) if i else x, dropout[i]), linear.weight, linear.bias)
        mask = torch.empty_like(x).bernoulli_(keep)
        y = x.clamp(0, 1) * mask
        with torch.no_grad():
            winners = torch.topk(y - homeostasis, args.winners, dim=1, sorted=False).indices
            d = torch.zeros_like(y).scatter_(1, winners, 1.0) * mask
            homeostasis += args.gamma * (d.mean(0) - wanted)
        loss = F.mse_loss(y, d)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"epoch": epoch + 1, "trainSeconds": seconds, "steps": steps, "batch": args.batch, "loss": loss.item(), "peakMB": peak}), flush=True)
