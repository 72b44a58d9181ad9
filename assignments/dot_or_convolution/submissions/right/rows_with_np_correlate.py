# One row of the kernel at a time, with NumPy's one-dimensional correlate and convolve.
import numpy as np


def hadamard_sum(A, B):
    return np.correlate(A.ravel(), B.ravel(), "valid")[0]


def flat_dot(A, B):
    return A.ravel().dot(B.ravel())


def correlate2d_valid(image, kernel):
    f_H, f_W = kernel.shape
    rows = []
    for top in range(image.shape[0] - f_H + 1):
        rows.append(sum(np.correlate(image[top + y], kernel[y], "valid") for y in range(f_H)))
    return np.stack(rows)


def correlate2d_same(image, kernel):
    f_H, f_W = kernel.shape
    n_H, n_W = image.shape
    full = np.zeros((n_H + f_H - 1, n_W + f_W - 1))
    for y in range(f_H):
        for h in range(n_H):
            # np.convolve turns its second vector, so it gets it turned
            full[h + f_H - 1 - y] += np.convolve(image[h], kernel[y][::-1], "full")
    top, left = f_H // 2, f_W // 2
    return full[top:top + n_H, left:left + n_W]


def convolve2d_valid(image, kernel):
    f_H, f_W = kernel.shape
    out = np.zeros((image.shape[0] - f_H + 1, image.shape[1] - f_W + 1))
    for top in range(out.shape[0]):
        for y in range(f_H):
            line = np.convolve(image[top + f_H - 1 - y], kernel[y], "full")
            out[top] += line[f_W - 1:f_W - 1 + out.shape[1]]
    return out


def im2col(image, f, stride):
    n_H, n_W, n_C = image.shape
    tops, lefts = np.arange(0, n_H - f + 1, stride), np.arange(0, n_W - f + 1, stride)
    y, x, c = np.unravel_index(np.arange(f * f * n_C), (f, f, n_C))
    top, left = np.meshgrid(tops, lefts, indexing="ij")
    return image[y[:, None] + top.ravel(), x[:, None] + left.ravel(), c[:, None]]


def conv_as_matmul(X, W):
    f, n_C_out = W.shape[0], W.shape[3]
    W_row = np.stack([W[..., k].ravel() for k in range(n_C_out)])
    Z = np.dot(W_row, im2col(X, f, 1))
    return np.stack([z.reshape(X.shape[0] - f + 1, -1) for z in Z], axis=-1)
