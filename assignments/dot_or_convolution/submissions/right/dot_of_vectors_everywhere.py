# np.dot is right wherever both sides are vectors; np.vdot and tensordot over all axes are right as well.
import numpy as np


def hadamard_sum(A, B):
    return np.vdot(A, B)


def flat_dot(A, B):
    row = A.reshape(1, -1)
    column = B.reshape(-1, 1)
    return np.dot(row, column)          # a 1x1 matrix: still one number


def correlate2d_valid(image, kernel):
    f_H, f_W = kernel.shape
    weights = kernel.ravel()
    shape = (image.shape[0] - f_H + 1, image.shape[1] - f_W + 1)
    numbers = [np.dot(image[h:h + f_H, w:w + f_W].ravel(), weights) for h, w in np.ndindex(*shape)]
    return np.array(numbers).reshape(shape)


def correlate2d_same(image, kernel):
    f_H, f_W = kernel.shape
    out = np.zeros(image.shape, dtype=np.result_type(image, kernel))
    padded = np.pad(image, [(f_H, f_H), (f_W, f_W)])
    for (h, w), _ in np.ndenumerate(out):
        top, left = h + f_H - (f_H - 1) // 2, w + f_W - (f_W - 1) // 2
        out[h, w] = np.tensordot(padded[top:top + f_H, left:left + f_W], kernel, axes=2)
    return out


def convolve2d_valid(image, kernel):
    f_H, f_W = kernel.shape
    out = np.empty((image.shape[0] - f_H + 1, image.shape[1] - f_W + 1))
    for h, w in np.ndindex(*out.shape):
        out[h, w] = np.dot(image[h:h + f_H, w:w + f_W].ravel()[::-1], kernel.ravel())
    return out


def im2col(image, f, stride):
    rows = [image[h:h + f, w:w + f].flatten()
            for h in range(0, image.shape[0] - f + 1, stride)
            for w in range(0, image.shape[1] - f + 1, stride)]
    return np.vstack(rows).transpose()


def conv_as_matmul(X, W):
    f, n_C_out = W.shape[0], W.shape[3]
    X_row = im2col(X, f, 1).T
    W_col = W.reshape(-1, n_C_out)
    return np.dot(X_row, W_col).reshape(X.shape[0] - f + 1, X.shape[1] - f + 1, n_C_out)
