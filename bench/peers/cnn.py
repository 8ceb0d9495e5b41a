"""The convolutional network trained without labels, written as a PyTorch user would write it for speed: tensors
preloaded, no data loader, no Python loop inside a step. Prints one JSON line per epoch.

usage: cnn.py IMAGES.idx --threads 2 --epochs 1
"""
import argparse, json, resource, time
import numpy as np
import torch
from torch import nn
from torch.nn.utils import prune
import torch.nn.functional as F
from idx import idx

parser = argparse.ArgumentParser()
parser.add_argument("images")
parser.add_argument("--channels", default="1,32,128")
parser.add_argument("--outputs", type=int, default=2000)
parser.add_argument("--rates", default="2e-6,2e-6,1e-4")
parser.add_argument("--dropout", default="0.2,0.3", help="flattened maps, output mask")
parser.add_argument("--pool", choices=["av", "max"], default="av")
parser.add_argument("--prune", type=float, default=0.5)
parser.add_argument("--winners", type=int, default=1)
parser.add_argument("--gamma", type=float, default=1)
parser.add_argument("--batch", type=int, default=16)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--steps", type=int, default=0, help="stop every epoch after so many steps")
args = parser.parse_args()

torch.set_num_threads(args.threads)
torch.manual_seed(0)
channels = [int(n) for n in args.channels.split(",")]
rates = [float(r) for r in args.rates.split(",")]
dropout = [float(p) for p in args.dropout.split(",")]
pixels = idx(args.images).astype(np.float32) / 255
images = torch.from_numpy(pixels).reshape(len(pixels), channels[0], *pixels.shape[1:3])

convolutions = [nn.Conv2d(channels[0], channels[1], 5, padding=2), nn.Conv2d(channels[1], channels[2], 3, padding=1)]
for convolution in convolutions:
    if args.prune:
        prune.random_unstructured(convolution, "weight", args.prune)
pool = nn.AvgPool2d(4, 2, 1) if args.pool == "av" else nn.MaxPool2d(4, 2, 1)
features = nn.Sequential(convolutions[0], nn.ReLU(), pool, convolutions[1], nn.ReLU(), pool, nn.Flatten(), nn.Dropout(dropout[0]))
linear = nn.Linear(features(images[:1]).shape[1], args.outputs)
optimizer = torch.optim.Adam([{"params": l.parameters(), "lr": r} for l, r in zip([*convolutions, linear], rates)])
keep = 1 - dropout[-1]
wanted = keep * args.winners / args.outputs

for epoch in range(args.epochs):
    homeostasis = torch.zeros(args.outputs)
    order = torch.randperm(len(images))
    steps = len(images) // args.batch
    if args.steps:
        steps = min(steps, args.steps)
    start = time.perf_counter()
    for step in range(steps):
        x = images[order[step * args.batch:(step + 1) * args.batch]]
        y = linear(features(x))
        mask = torch.empty_like(y).bernoulli_(keep)
        y = y * mask
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
