# Loops over the weights of the kernel, not over the pixels: shifted images are added up.
import numpy as np


def hadamard_sum(A, B):
    total = 0
    for index in np.ndindex(*A.shape):
        total += A[index] * B[index]
    return total


def flat_dot(A, B):
    return np.dot(np.ravel(A), np.ravel(B)).item()


def correlate2d_valid(image, kernel):
    rows = image.shape[0] - kernel.shape[0] + 1
    columns = image.shape[1] - kernel.shape[1] + 1
    out = 0 * image[:rows, :columns] * kernel[0, 0]
    for (y, x), weight in np.ndenumerate(kernel):
        out = out + weight * image[y:y + rows, x:x + columns]
    return out


def correlate2d_same(image, kernel):
    H, W = image.shape
    centre_y, centre_x = (kernel.shape[0] - 1) // 2, (kernel.shape[1] - 1) // 2
    out = np.zeros((H, W))
    for (y, x), weight in np.ndenumerate(kernel):
        dy, dx = y - centre_y, x - centre_x
        # the part of the image that is still there after moving it by (dy, dx)
        to_rows = slice(max(0, -dy), max(0, min(H, H - dy)))
        to_columns = slice(max(0, -dx), max(0, min(W, W - dx)))
        from_rows = slice(max(0, dy), max(0, min(H, H + dy)))
        from_columns = slice(max(0, dx), max(0, min(W, W + dx)))
        out[to_rows, to_columns] += weight * image[from_rows, from_columns]
    return out


def convolve2d_valid(image, kernel):
    f_H, f_W = kernel.shape
    rows, columns = image.shape[0] - f_H + 1, image.shape[1] - f_W + 1
    out = np.zeros((rows, columns))
    for y in range(f_H):
        for x in range(f_W):
            out += kernel[f_H - 1 - y, f_W - 1 - x] * image[y:y + rows, x:x + columns]
    return out


def im2col(image, f, stride):
    rows = (image.shape[0] - f) // stride + 1
    columns = (image.shape[1] - f) // stride + 1
    lines = []
    for y in range(f):
        for x in range(f):
            for c in range(image.shape[2]):
                view = image[y:y + stride * (rows - 1) + 1:stride, x:x + stride * (columns - 1) + 1:stride, c]
                lines.append(view.ravel())
    return np.array(lines)


def conv_as_matmul(X, W):
    f, n_C_out = W.shape[0], W.shape[3]
    product = W.reshape(-1, n_C_out).T @ im2col(X, f, 1)
    return np.moveaxis(product.reshape(n_C_out, X.shape[0] - f + 1, X.shape[1] - f + 1), 0, -1)
