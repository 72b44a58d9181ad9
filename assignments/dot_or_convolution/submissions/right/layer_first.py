# Upside down: the matrix product comes first, and everything else is made out of it.
import numpy as np


def im2col(image, f, stride=1, g=None):
    """f rows and g (f, unless given) columns in a window."""
    g = g or f
    patches = []
    for h in range((image.shape[0] - f) // stride + 1):
        for w in range((image.shape[1] - g) // stride + 1):
            patches.append(image[stride * h:stride * h + f, stride * w:stride * w + g].reshape(-1, 1))
    return np.hstack(patches)


def conv_as_matmul(X, W):
    f, g, _, n_C_out = W.shape
    Z = np.matmul(W.reshape(-1, n_C_out).T, im2col(X, f, 1, g))
    return Z.T.reshape(X.shape[0] - f + 1, X.shape[1] - g + 1, n_C_out)


def correlate2d_valid(image, kernel):
    return conv_as_matmul(image[:, :, None], kernel[:, :, None, None])[:, :, 0]


def correlate2d_same(image, kernel):
    (n_H, n_W), (f_H, f_W) = image.shape, kernel.shape
    bigger = np.zeros((n_H + 2 * f_H, n_W + 2 * f_W), dtype=image.dtype)
    bigger[f_H:f_H + n_H, f_W:f_W + n_W] = image
    whole = correlate2d_valid(bigger, kernel)
    return whole[f_H - (f_H - 1) // 2:, f_W - (f_W - 1) // 2:][:n_H, :n_W]


def convolve2d_valid(image, kernel):
    return correlate2d_valid(image, kernel[::-1][:, ::-1])


def hadamard_sum(A, B):
    return correlate2d_valid(A.reshape(1, -1), B.reshape(1, -1))


def flat_dot(A, B):
    return np.matmul(A.ravel(), B.ravel())
