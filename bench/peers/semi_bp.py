"""The unlabelled pass of selftarget's semi-bp-600, written as a PyTorch user would write it for speed: tensors
preloaded, no data loader, no Python loop inside a step. Prints one JSON line per epoch.

usage: semi_bp.py IMAGES.idx --threads 2 --steps 40
"""
import argparse, json, resource, time
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from idx import idx

parser = argparse.ArgumentParser()
parser.add_argument("images")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--steps", type=int, default=0, help="stop every epoch after so many steps")
args = parser.parse_args()

torch.set_num_threads(args.threads)
torch.manual_seed(0)
BATCH, GAMMA = 256, 0.003
images = torch.from_numpy(idx(args.images).reshape(-1, 784).astype(np.float32) / 255)[:59_400]

hidden, output = nn.Linear(784, 5000), nn.Linear(5000, 10)
for linear in (hidden, output):
    nn.init.xavier_uniform_(linear.weight, gain=0.5)
    nn.init.zeros_(linear.bias)
optimizer = torch.optim.Adam(
    [{"params": hidden.parameters(), "lr": 1e-5}, {"params": output.parameters(), "lr": 2.5e-4}])
wanted = 1 / 10

for epoch in range(args.epochs):
    homeostasis = torch.zeros(10)
    order = torch.randperm(len(images))
    steps = (len(images) + BATCH - 1) // BATCH
    if args.steps:
        steps = min(steps, args.steps)
    start = time.perf_counter()
    for step in range(steps):
        x = images[order[step * BATCH:(step + 1) * BATCH]]
        with torch.no_grad():
            clean = torch.sigmoid(output(F.relu(hidden(x))))
            winners = torch.argmax(clean - homeostasis, dim=1)
            homeostasis += GAMMA * (torch.bincount(winners, minlength=10) / len(x) - wanted)
        h = F.dropout(F.relu(hidden(F.dropout(x, 0.3))), 0.5)
        loss = F.cross_entropy(torch.sigmoid(output(h)), winners)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"epoch": epoch + 1, "trainSeconds": seconds, "steps": steps, "batch": BATCH, "peakMB": peak}), flush=True)
