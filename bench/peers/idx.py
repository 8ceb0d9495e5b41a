"""Reads MNIST's files, gzipped or not."""
import gzip, struct
import numpy as np


def idx(path):
    raw = (gzip.open(path) if path.endswith(".gz") else open(path, "rb")).read()
    rank = raw[3]
    shape = struct.unpack(f">{rank}I", raw[4:4 + 4 * rank])
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape)
