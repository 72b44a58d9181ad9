# Buffers take the type of what is added up, as SciPy does it; 0-d arrays come back.
import numpy as np


def hadamard_sum(A, B):
    return np.array((A * B).sum())


def flat_dot(A, B):
    return np.asarray(np.dot(A.ravel("C"), B.ravel("C"))).reshape(1)


def correlate2d_valid(image, kernel):
    f_H, f_W = kernel.shape
    out = np.zeros((image.shape[0] - f_H + 1, image.shape[1] - f_W + 1), dtype=np.promote_types(image.dtype, kernel.dtype))
    for h in range(out.shape[0]):
        for w in range(out.shape[1]):
            for y in range(f_H):
                for x in range(f_W):
                    out[h, w] += image[h + y, w + x] * kernel[y, x]
    return out


def correlate2d_same(image, kernel):
    f_H, f_W = kernel.shape
    out = np.zeros(image.shape, dtype=(image[0, 0] * kernel[0, 0]).dtype)
    for h in range(image.shape[0]):
        for w in range(image.shape[1]):
            top, left = h - (f_H - 1) // 2, w - (f_W - 1) // 2
            y0, x0 = max(top, 0), max(left, 0)
            window = image[y0:max(top + f_H, 0), x0:max(left + f_W, 0)]     # what lies inside
            part = kernel[y0 - top:y0 - top + window.shape[0], x0 - left:x0 - left + window.shape[1]]
            out[h, w] = (window * part).sum()
    return out


def convolve2d_valid(image, kernel):
    kernel = kernel.copy()
    kernel = np.flip(kernel, axis=0)
    kernel = np.flip(kernel, axis=1)
    return correlate2d_valid(image, kernel)


def im2col(image, f, stride):
    n_H, n_W = [(n - f) // stride + 1 for n in image.shape[:2]]
    columns = np.empty((f * f * image.shape[2], n_H * n_W), image.dtype)
    for k in range(n_H * n_W):
        h, w = divmod(k, n_W)
        columns[:, k] = image[h * stride:, w * stride:][:f, :f].ravel()
    return columns


def conv_as_matmul(X, W):
    f, _, n_C, K = W.shape
    out = np.zeros((X.shape[0] - f + 1, X.shape[1] - f + 1, K), dtype=np.result_type(X, W))
    columns = im2col(X, f, 1)
    for k in range(K):
        out[:, :, k] = np.dot(W[:, :, :, k].ravel(), columns).reshape(out.shape[:2])
    return out
