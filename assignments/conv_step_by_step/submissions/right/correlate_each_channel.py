# Works image by image and channel by channel with an own 2-D correlation, then adds the channels.
import numpy as np

def zero_pad(X, pad):
    X_pad = np.array([np.stack([np.pad(x[:, :, k], pad) for k in range(x.shape[2])], axis=2) for x in X])
    return X_pad

def conv_single_step(a_slice_prev, W, b):
    total = b[0][0][0]
    for k in range(W.shape[-1]):
        total = total + np.sum(a_slice_prev[:, :, k] * W[:, :, k])
    return total

def correlate2d(image, kernel):
    kh, kw = kernel.shape
    out = np.zeros((image.shape[0] - kh + 1, image.shape[1] - kw + 1))
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            out[y, x] = (image[y:y + kh, x:x + kw] * kernel).sum()
    return out

def conv_forward(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    X = zero_pad(A_prev, p)
    images = []
    for x in X:
        maps = []
        for c in range(W.shape[3]):
            full = sum(correlate2d(x[:, :, k], W[:, :, k, c]) for k in range(W.shape[2]))
            maps.append(full[::s, ::s] + b[0, 0, 0, c])
        images.append(np.stack(maps, axis=-1))
    return np.stack(images), (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    X = zero_pad(A_prev, p)
    m, H, Wd, K = X.shape
    # put dZ on the stride-1 grid, zeros in between
    D = np.zeros((m, H - f + 1, Wd - f + 1, dZ.shape[3]))
    D[:, ::s, ::s, :] = dZ
    dX = np.zeros(X.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)
    for i in range(m):
        for c in range(dZ.shape[3]):
            db[0, 0, 0, c] += D[i, :, :, c].sum()
            for k in range(K):
                dW[:, :, k, c] += correlate2d(X[i, :, :, k], D[i, :, :, c])
                dX[i, :, :, k] += correlate2d(np.pad(D[i, :, :, c], f - 1), W[::-1, ::-1, k, c])
    return dX[:, p:H - p, p:Wd - p, :], dW, db
