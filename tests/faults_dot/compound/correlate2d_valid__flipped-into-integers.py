# function: correlate2d_valid
# misconceptions: kernel-flipped, values-truncated

import numpy as np


def hadamard_sum(A, B):
    return np.sum(np.multiply(A, B))


def flat_dot(A, B):
    a = A.reshape(-1)
    b = B.reshape(-1)
    return np.dot(a, b)


def correlate2d_valid(image, kernel):
    k = np.rot90(kernel, 2)
    f_H, f_W = k.shape
    out = np.zeros((image.shape[0] - f_H + 1, image.shape[1] - f_W + 1), dtype=int)
    for h in range(out.shape[0]):
        for w in range(out.shape[1]):
            out[h, w] = np.sum(image[h:h + f_H, w:w + f_W] * k)
    return out


def correlate2d_same(image, kernel):
    (H, W), (f, g) = image.shape, kernel.shape
    out = np.zeros((H, W))
    for h in range(H):
        for w in range(W):
            for y in range(f):
                for x in range(g):
                    r, c = h + y - (f - 1) // 2, w + x - (g - 1) // 2
                    if 0 <= r < H and 0 <= c < W:
                        out[h, w] += image[r, c] * kernel[y, x]
    return out


def convolve2d_valid(image, kernel):
    k = np.rot90(kernel, 2)
    rows, cols = image.shape[0] - k.shape[0] + 1, image.shape[1] - k.shape[1] + 1
    return np.array([[np.sum(image[r:r + k.shape[0], c:c + k.shape[1]] * k) for c in range(cols)] for r in range(rows)])


def im2col(image, f, stride):
    n_H = (image.shape[0] - f) // stride + 1
    n_W = (image.shape[1] - f) // stride + 1
    out = np.zeros((f * f * image.shape[2], n_H * n_W))
    for h in range(n_H):
        for w in range(n_W):
            out[:, h * n_W + w] = image[h * stride:h * stride + f, w * stride:w * stride + f].ravel()
    return out


def conv_as_matmul(X, W):
    # by itself, without im2col above
    f, _, n_C, n_C_out = W.shape
    n_H, n_W = X.shape[0] - f + 1, X.shape[1] - f + 1
    X_col = np.stack([X[h:h + f, w:w + f].ravel() for h in range(n_H) for w in range(n_W)], axis=1)
    return np.dot(W.reshape(-1, n_C_out).T, X_col).T.reshape(n_H, n_W, n_C_out)
