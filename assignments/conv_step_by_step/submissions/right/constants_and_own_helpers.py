# Global constants and many small helper functions, some with long names.
import numpy as np

PAD_MODE = 'constant'
BATCH_AXIS, HEIGHT_AXIS, WIDTH_AXIS, CHANNEL_AXIS = range(4)
NO_PADDING = (0, 0)

def pad_widths(pad):
    widths = [NO_PADDING]*4
    widths[HEIGHT_AXIS] = (pad, pad)
    widths[WIDTH_AXIS] = (pad, pad)
    return widths

def zero_pad(X, pad):
    return np.pad(X, pad_widths(pad), PAD_MODE)

def conv_single_step(a_slice_prev, W, b):
    weighted = a_slice_prev * W
    return np.sum(weighted) + scalar(b)

def scalar(array_with_one_entry):
    return np.asarray(array_with_one_entry).flat[0]

def output_size(n_prev, f, pad, stride):
    return int(np.floor((n_prev - f + 2*pad)/stride)) + 1

def window_bounds(index, stride, f):
    start = index*stride
    return start, start + f

def get_window(image, h, w, stride, f):
    top, bottom = window_bounds(h, stride, f)
    left, right = window_bounds(w, stride, f)
    return image[top:bottom, left:right, :]

def read_hparameters(hparameters):
    return hparameters["stride"], hparameters["pad"]

def conv_forward(A_prev, W, b, hparameters):
    stride, pad = read_hparameters(hparameters)
    f = W.shape[0]
    n_H = output_size(A_prev.shape[HEIGHT_AXIS], f, pad, stride)
    n_W = output_size(A_prev.shape[WIDTH_AXIS], f, pad, stride)
    n_C = W.shape[CHANNEL_AXIS]
    Z = np.zeros((A_prev.shape[BATCH_AXIS], n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(Z.shape[BATCH_AXIS]):
        for h in range(n_H):
            for w in range(n_W):
                window = get_window(A_prev_pad[i], h, w, stride, f)
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(window, W[:, :, :, c], b[:, :, :, c])
    return Z, (A_prev, W, b, hparameters)

def remove_padding(array, pad):
    if pad == 0:
        return array
    return array[:, pad:-pad, pad:-pad, :]

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = read_hparameters(hparameters)
    f = W.shape[0]
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)
    m, n_H, n_W, n_C = dZ.shape
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                window = get_window(A_prev_pad[i], h, w, stride, f)
                dwindow = get_window(dA_prev_pad[i], h, w, stride, f)     # a view: += goes through
                for c in range(n_C):
                    dwindow += W[:, :, :, c]*dZ[i, h, w, c]
                    dW[:, :, :, c] += window*dZ[i, h, w, c]
                    db[0, 0, 0, c] += dZ[i, h, w, c]
    return remove_padding(dA_prev_pad, pad), dW, db
